import { ArgumentError, ShapeError } from '@tacit/errors';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ConcreteGraph,
  crossEntropy,
  evaluatePlain,
  type PlainTensor,
  plainTensor,
  withoutSoftmax,
} from '../src/index.js';
import { expectClose, slopes } from './helpers/differences.js';

const logits = plainTensor([3, 4], [1, 2, 3, 4, 0.5, -1, 0, 2, -3, 1, 1, 0]);
const labels = [3, 0, 2];

describe('cross entropy', () => {
  it('is the mean of minus the logarithms of the probabilities of the labels', () => {
    const { loss, correct } = crossEntropy(logits, labels);
    const expected = labels.map((label, row) => {
      const own = [...logits.data.subarray(4 * row, 4 * row + 4)].map(Math.exp);
      return -Math.log(own[label] / own.reduce((a, b) => a + b));
    });
    expect(loss).closeTo(expected.reduce((a, b) => a + b) / 3, 1e-14);
    // Of the last row the first of two largest counts.
    expect(correct).equal(1);
  });

  it('has the gradient of finite differences, for logits and for probabilities', () => {
    const loss = (x: PlainTensor) => crossEntropy(x, labels).loss;
    expectClose(crossEntropy(logits, labels).cotangent, slopes(loss, logits), 1e-10);
    const probabilities = plainTensor([2, 2], [0.25, 0.75, 0.5, 0.5]);
    const options = { scores: 'probabilities' } as const;
    const of = (x: PlainTensor) => crossEntropy(x, [1, 0], options).loss;
    expect(of(probabilities)).closeTo(-(Math.log(0.75) + Math.log(0.5)) / 2, 1e-15);
    expectClose(crossEntropy(probabilities, [1, 0], options).cotangent, slopes(of, probabilities), 1e-9);
  });

  it('is exact for logits of any size', () => {
    const far = crossEntropy(plainTensor([2, 2], [1e4, -1e4, 0, 40]), [1, 1]);
    expect(far.loss).closeTo((2e4 + Math.exp(-40)) / 2, 1e-12);
    expect([...far.cotangent.data]).deep.equal([0.5, -0.5, Math.exp(-40) / 2, -Math.exp(-40) / 2]);
    expect(crossEntropy(plainTensor([1, 2], [0, 40]), [1]).loss).closeTo(Math.exp(-40), 1e-30);
    expect(crossEntropy(plainTensor([1, 3], [5e300, -5e300, 0]), [0]).loss).equal(0);
  });

  it('takes log-probabilities for logits', () => {
    const shifted = plainTensor(
      [3, 4],
      logits.data.map((v, i) => v - Math.log([4, 5, 6][Math.floor(i / 4)])),
    );
    expect(crossEntropy(shifted, labels).loss).closeTo(crossEntropy(logits, labels).loss, 1e-14);
  });

  it('adds up over parts of a batch', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 12, maxLength: 12 }),
        (data) => {
          const whole = crossEntropy(plainTensor([4, 3], data), [0, 1, 2, 0]);
          const first = crossEntropy(plainTensor([1, 3], data.slice(0, 3)), [0], { examples: 4 });
          const rest = crossEntropy(plainTensor([3, 3], data.slice(3)), [1, 2, 0], { examples: 4 });
          expect(first.loss + rest.loss).closeTo(whole.loss, 1e-12);
          expect(first.correct + rest.correct).equal(whole.correct);
          expect([...first.cotangent.data, ...rest.cotangent.data]).deep.equal([...whole.cotangent.data]);
          const row = whole.cotangent.data.subarray(0, 3);
          expect(row[0] + row[1] + row[2]).closeTo(0, 1e-15);
        },
      ),
    );
  });

  it('keeps single precision, further axes of size 1, and one class', () => {
    const single = crossEntropy({ shape: [3, 4], data: Float32Array.from(logits.data) }, labels);
    expect(single.cotangent.data).instanceOf(Float32Array);
    const wide = crossEntropy(plainTensor([3, 4, 1, 1], logits.data), labels);
    expect(wide.cotangent.shape).deep.equal([3, 4, 1, 1]);
    const one = crossEntropy(plainTensor([2, 1], [3, -7]), [0, 0]);
    expect([one.loss, one.correct, ...one.cotangent.data.map(Math.abs)]).deep.equal([0, 2, 0, 0]);
  });

  it('refuses labels and shapes that do not fit', () => {
    for (const label of [-1, 4, 0.5, Number.NaN])
      expect(() => crossEntropy(logits, [0, label, 0])).throws(
        ArgumentError,
        `the label ${label} of example 1`,
      );
    expect(() => crossEntropy(logits, [0, 1])).throws(ShapeError, '2 labels');
    expect(() => crossEntropy(plainTensor([3], [1, 2, 3]), [0, 0, 0])).throws(ShapeError);
    expect(() => crossEntropy(plainTensor([3, 2, 2], new Float64Array(12)), labels)).throws(ShapeError);
    expect(() => crossEntropy(plainTensor([0, 4], []), [])).throws(ArgumentError, 'a mean of 0');
    expect(() => crossEntropy(logits, labels, { examples: 2 })).throws(ArgumentError);
    expect(() => crossEntropy(plainTensor([1, 0], []), [0])).throws(ArgumentError, '0 classes');
  });
});

describe('a network without its softmax', () => {
  const network = (op: string, axis: number, more: readonly object[] = []) =>
    ({
      inputs: [{ name: 'x', shape: [3, 4] }],
      outputs: [{ name: 'y', shape: [3, 4] }],
      nodes: [
        { name: 'a', op: 'Neg', inputs: ['x'], outputs: ['z'], attributes: {} },
        { name: 'b', op, inputs: ['z'], outputs: ['y'], attributes: op === 'Neg' ? {} : { axis } },
        ...more,
      ],
      parameters: new Map(),
      shapes: new Map(),
    }) as unknown as ConcreteGraph;

  it('gives the logits', () => {
    for (const op of ['Softmax', 'LogSoftmax']) {
      const cut = withoutSoftmax(network(op, 1));
      expect(cut.outputs).deep.equal([{ name: 'z', shape: [3, 4] }]);
      expectClose(
        evaluatePlain(cut, { x: logits }).z,
        logits.data.map((v) => -v),
        0,
      );
    }
  });

  it('stays as it is without one, over another axis, or where the probabilities are read', () => {
    const reading = [{ name: 'c', op: 'Neg', inputs: ['y'], outputs: ['w'], attributes: {} }];
    for (const graph of [network('Neg', 0), network('Softmax', 0), network('Softmax', 1, reading)])
      expect(withoutSoftmax(graph)).equal(graph);
    const bare = {
      ...network('Neg', 0),
      nodes: [],
      outputs: [{ name: 'x', shape: [3, 4] }],
    } as ConcreteGraph;
    expect(withoutSoftmax(bare)).equal(bare);
  });
});
