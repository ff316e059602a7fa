/** What callers give a model, as the numbers that they mean. */
import { toHalf } from '@tacit/onnx/element-types';
import { expect } from 'chai';
import { Tensor } from 'onnxruntime-common';
import { inputsOf, type NumberArray, type TensorLike } from '../src/client/values.js';
import type { ElementType } from '../src/program/offer.js';

const NUMBERS = [0, 1, -2.5, 0.125];
const BITS = Uint16Array.from(NUMBERS, toHalf);

const read = (given: TensorLike | NumberArray, type: ElementType = 'float32') =>
  inputsOf({ x: given }, [{ name: 'x', type, shape: ['rows', 2] }])[0];

describe('what a model is given', () => {
  it('are tensors and arrays of any type', () => {
    const whole = [3, 0, 1, 7];
    const cases: readonly (readonly [TensorLike | NumberArray, readonly number[]])[] = [
      [NUMBERS, NUMBERS],
      [Float64Array.from(NUMBERS), NUMBERS],
      [new Tensor('float32', NUMBERS, [2, 2]), NUMBERS],
      [new Tensor('int64', BigInt64Array.from(whole, BigInt), [2, 2]), whole],
      [new Tensor('uint16', Uint16Array.from(whole), [2, 2]), whole],
      [new Tensor('bool', [true, false, true, true], [2, 2]), [1, 0, 1, 1]],
      [Uint8Array.from(whole), whole],
      [Uint16Array.from(whole), whole],
    ];
    for (const [given, wanted] of cases)
      expect(read(given)).to.deep.equal({ shape: [2, 2], data: Float64Array.from(wanted) });
  });

  it('are values of half precision, whether an array holds their bits or them', () => {
    const wanted = { shape: [2, 2], data: Float64Array.from(NUMBERS) };
    expect(read(new Tensor('float16', BITS, [2, 2]), 'float16')).to.deep.equal(wanted);
    expect(read({ type: 'float16', data: BITS, dims: [2, 2] })).to.deep.equal(wanted);
    expect(read({ type: 'float16', data: Float32Array.from(NUMBERS), dims: [2, 2] })).to.deep.equal(wanted);
    expect(read(Float32Array.from(NUMBERS), 'float16')).to.deep.equal(wanted);
    expect(() => read(BITS, 'float16'))
      .to.throw('its bits or its values')
      .with.property('code', 'MODEL_FEEDS');
  });

  it('are refused where they are no numbers', () => {
    for (const [given, message] of [
      ['12', 'neither a tensor nor an array'],
      [new DataView(new ArrayBuffer(8)), 'neither a tensor nor an array'],
      [new Tensor('string', ['1', '2'], [1, 2]), 'finite'],
      [[1, null], 'finite'],
      [[1, [2]], 'finite'],
    ] as const)
      expect(() => read(given as never), message).to.throw(message);
  });
});
