/** What Deep-Lock locks of models whose initializers are not all weights. */
import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { expect } from 'chai';
import * as ort from 'onnxruntime-web';
import { deepLock, deepUnlock, openLocked } from '../src/deep-lock/index.js';
import { readWeights } from '../src/index.js';
import { modelOf, nested, type TestTensor } from './helpers/models.js';

const node = (graph: BinaryWriter, op: string, inputs: readonly string[], output: string, size = 0): void =>
  nested(graph, 1, (proto) => {
    for (const input of inputs) proto.tag(1, WireType.LengthDelimited).string(input);
    proto.tag(2, WireType.LengthDelimited).string(output);
    proto.tag(4, WireType.LengthDelimited).string(op);
    if (size > 0) proto.tag(6, WireType.LengthDelimited).string('d'.repeat(size));
  });
const slot = (graph: BinaryWriter, field: 11 | 12, name: string, dims: readonly number[]): void =>
  nested(graph, field, (proto) => {
    proto.tag(1, WireType.LengthDelimited).string(name);
    nested(proto, 2, (type) =>
      nested(type, 1, (tensor) => {
        tensor.tag(1, WireType.Varint).int32(1);
        nested(tensor, 2, (shape) => {
          for (const dim of dims) nested(shape, 1, (one) => one.tag(1, WireType.Varint).int64(dim));
        });
      }),
    );
  });
const of = (name: string, dataType: number, shape: readonly number[], bytes: Uint8Array): TestTensor => ({
  name,
  dataType,
  shape,
  bytes,
});
const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const ints = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);

/** x (1, 4) times 8-bit weights (4, 2). */
const QUANTISED = modelOf(
  [
    of('w', 3, [4, 2], Uint8Array.from([1, -2, 3, -4, 5, -6, 7, -128])),
    of('scale', 1, [], floats(0.5)),
    of('zero', 3, [], Uint8Array.of(0)),
  ],
  (graph) => {
    node(graph, 'DequantizeLinear', ['w', 'scale', 'zero'], 'wide');
    node(graph, 'MatMul', ['a', 'wide'], 'b');
    slot(graph, 11, 'a', [1, 4]);
    slot(graph, 12, 'b', [1, 2]);
  },
);

describe('what Deep-Lock locks', () => {
  it('are weights, and not what says how an operator works', async () => {
    const file = modelOf(
      [
        of('image', 1, [1, 1], floats(1)),
        of('scales', 1, [2], floats(2, 2)),
        of('sizes', 7, [1], new Uint8Array(8)),
        of('kernel', 3, [1, 1, 1, 1], Uint8Array.of(3)),
        of('one', 1, [], floats(1)),
        of('zero', 3, [], Uint8Array.of(0)),
        of('bias', 6, [2], ints(4, 5)),
        of('indices', 6, [2], ints(0, 1)),
        of('half', 10, [2], new Uint8Array(4)),
      ],
      (graph) => {
        node(graph, 'Resize', ['image', '', 'scales'], 'larger');
        node(graph, 'QLinearConv', ['x', 'one', 'zero', 'kernel', 'one', 'zero', 'one', 'zero', 'bias'], 'q');
        node(graph, 'Gather', ['half', 'indices'], 'some');
        node(graph, 'Constant', [], 'small', 10);
        node(graph, 'Constant', [], 'large', 1000);
      },
    );
    const all = await deepLock(file);
    expect(all.tensors).deep.equal(['image', 'kernel', 'bias', 'half']);
    expect(all.leftOpen).deep.equal(['large']);
    const quantised = await deepLock(file, { profile: 'paper', quantised: true });
    expect(quantised.tensors).deep.equal(['image', 'kernel']);
    expect(quantised.leftOpen).deep.equal(['bias', 'half', 'large']);
  });

  it('are the codes of models that are quantised already, which open in onnxruntime and compute the same', async () => {
    const feeds = { x: { data: floats(0), dims: [1] }, a: { data: floats(1, 2, 3, 4), dims: [1, 4] } };
    const tensors = Object.entries(feeds).map(
      ([name, { data, dims }]) =>
        [name, { type: 'float32', data: new Float32Array(data.buffer), dims }] as const,
    );
    const computed = async (model: Uint8Array): Promise<number[]> => {
      const session = await ort.InferenceSession.create(model);
      const inputs = tensors.map(([name, { data, dims }]) => [name, new ort.Tensor('float32', data, dims)]);
      const { b } = await session.run(Object.fromEntries(inputs));
      await session.release();
      return [...(b.data as Float32Array)];
    };
    const expected = await computed(QUANTISED);
    for (const options of [{}, { profile: 'paper' }, { profile: 'paper', quantised: true }] as const) {
      const { file, key, tensors: names } = await deepLock(QUANTISED, options);
      expect(names).deep.equal(['w']);
      expect(readWeights(file)[0].bytes).not.deep.equal(readWeights(QUANTISED)[0].bytes);
      expect(await computed(file)).not.deep.equal(expected);
      expect(Buffer.compare(await deepUnlock(file, key), QUANTISED)).equal(0);
      const session = await openLocked(file, key);
      const { b } = await session.run(Object.fromEntries(tensors));
      expect([...(b.data as Float32Array)]).deep.equal(expected);
      await session.release();
    }
  });
});
