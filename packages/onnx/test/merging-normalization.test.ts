/** Normalisations as exporters write them: what becomes of their operations, and that the values stay. */
import { expect } from 'chai';
import { compareWithRuntime } from './helpers/compare.js';
import type { ModelSpec, NodeSpec, TensorSpec } from './helpers/onnx-encoder.js';

const number = (value: number): TensorSpec => ({ shape: [], data: [value] });
const CONSTANTS: Record<string, TensorSpec> = {
  epsilon: number(1e-3),
  one: number(1),
  two: number(2),
};

/** Nodes written as `Op a b > c`; means and sums are along the last axis, which stays, unless said otherwise. */
function model(lines: readonly string[], more: { outputs?: string[]; attributes?: object } = {}): ModelSpec {
  const { outputs = ['y'], attributes = {} } = more;
  const initializers: Record<string, TensorSpec> = {};
  const nodes = lines.map((line): NodeSpec => {
    const [, op, given, made] = /^(\w+) (.*) > (\w+)$/.exec(line) as unknown as string[];
    const inputs = given.split(' ');
    for (const name of inputs) if (name in CONSTANTS) initializers[name] = CONSTANTS[name];
    const own = (attributes as Record<string, NodeSpec['attributes']>)[made];
    const along = op.startsWith('Reduce') ? { axes: { ints: [-1] } } : undefined;
    return { op, name: made, inputs, outputs: [made], attributes: own ?? along };
  });
  return {
    opset: 11,
    inputs: [{ name: 'x', shape: ['n', 3, 4] }],
    outputs: outputs.map((name) => ({ name })),
    nodes,
    initializers,
  };
}

const CENTRED = ['ReduceMean x > m', 'Sub x m > c'];
const VARIANCE = ['Mul c c > q', 'ReduceMean q > v'];
const SQUARES = ['Pow x two > q', 'ReduceMean q > v', 'Add v epsilon > e', 'Sqrt e > s'];

const MERGED: [string, ModelSpec, string[]][] = [
  [
    'layer normalisation',
    model([...CENTRED, ...VARIANCE, 'Add v epsilon > e', 'Sqrt e > s', 'Div c s > y']),
    ['Standardize'],
  ],
  [
    'the same with epsilon first, a power, a second difference, and a reciprocal',
    model([
      ...CENTRED,
      'Pow c two > q',
      'ReduceMean q > v',
      'Add epsilon v > e',
      'Sqrt e > s',
      'Reciprocal s > r',
      'ReduceMean x > m2',
      'Sub x m2 > c2',
      'Mul r c2 > y',
    ]),
    ['Standardize'],
  ],
  [
    'root mean square, by a quotient',
    model([...SQUARES, 'Div x s > y']),
    ['Square', 'ReduceMean', 'Add', 'InvSqrt', 'Mul'],
  ],
  [
    'root mean square, by one over it',
    model([...SQUARES, 'Div one s > r', 'Mul r x > y']),
    ['Square', 'ReduceMean', 'Add', 'InvSqrt', 'Mul'],
  ],
  ['a product with a reciprocal', model(['Exp x > e', 'Reciprocal e > r', 'Mul r x > y']), ['Exp', 'Div']],
  ['the root of a sum of squares', model(['Mul x x > q', 'ReduceSum q > s', 'Sqrt s > y']), ['ReduceL2']],
  ['the root of ReduceSumSquare', model(['ReduceSumSquare x > s', 'Sqrt s > y']), ['ReduceL2']],
  [
    'the root of the product of two sums of squares',
    model([
      'Exp x > z',
      'Mul x x > q',
      'ReduceSum q > s',
      'Mul z z > p',
      'ReduceSum p > t',
      'Mul s t > u',
      'Sqrt u > y',
    ]),
    ['Exp', 'ReduceL2', 'ReduceL2', 'Mul', 'Identity'],
  ],
];

const KEPT: [string, ModelSpec, string[]][] = [
  [
    'mean and variance along different axes',
    model([...CENTRED, ...VARIANCE, 'Add v epsilon > e', 'Sqrt e > s', 'Div c s > y'], {
      attributes: { m: { axes: { ints: [1] } } },
    }),
    ['ReduceMean', 'Sub', 'Square', 'ReduceMean', 'Add', 'InvSqrt', 'Mul'],
  ],
  [
    'a difference to another mean',
    model([
      ...CENTRED,
      ...VARIANCE,
      'Add v epsilon > e',
      'Sqrt e > s',
      'Abs x > a',
      'Sub a m > d',
      'Div d s > y',
    ]),
    ['ReduceMean', 'Sub', 'Square', 'ReduceMean', 'Add', 'InvSqrt', 'Abs', 'Sub', 'Mul'],
  ],
  [
    'a root that is an output, too',
    model([...SQUARES, 'Div x s > y'], { outputs: ['y', 's'] }),
    ['Square', 'ReduceMean', 'Add', 'Sqrt', 'Div'],
  ],
  [
    'a constant over a root',
    model([...SQUARES, 'Div two s > y']),
    ['Square', 'ReduceMean', 'Add', 'Sqrt', 'Div'],
  ],
  [
    'a root above the line',
    model([...SQUARES, 'Exp x > z', 'Div s z > y']),
    ['Square', 'ReduceMean', 'Add', 'Sqrt', 'Exp', 'Div'],
  ],
  [
    'the square of a reciprocal',
    model(['Exp x > e', 'Reciprocal e > r', 'Mul r r > y']),
    ['Exp', 'Reciprocal', 'Square'],
  ],
  [
    'a sum of squares that something else uses',
    model(['Exp x > z', 'Mul z z > q', 'ReduceSum q > s', 'Sqrt s > r', 'Add r s > y']),
    ['Exp', 'Square', 'ReduceSum', 'ReduceL2', 'Add'],
  ],
];

describe('onnx: merging of normalisations', () => {
  for (const [title, spec, ops] of MERGED)
    it(title, async () => {
      const graph = await compareWithRuntime(spec, { x: [2, 3, 4] });
      expect(graph.nodes.map(({ op }) => op)).deep.equal(ops);
    });

  for (const [title, spec, ops] of KEPT)
    it(`${title}, is not taken for one`, async () => {
      const graph = await compareWithRuntime(spec, { x: [2, 3, 4] });
      expect(graph.nodes.map(({ op }) => op)).deep.equal(ops);
    });
});
