/** What would be too large to be made on import is refused by name, and soon. */
import { expect } from 'chai';
import { checkModel, parseOnnx } from '../src/index.js';
import { encodeModel, type NodeSpec, type TensorSpec } from './helpers/onnx-encoder.js';
import { i, ints, list } from './helpers/operator-cases.js';

const large = 2 ** 30;
const node = (op: string, inputs: string[], attributes: NodeSpec['attributes'] = {}): NodeSpec => ({
  op,
  inputs,
  outputs: ['y', ...(op === 'MaxPool' ? ['n'] : [])],
  attributes,
});
const scales: TensorSpec = { shape: [1, 2], data: [1, 1] };

const CASES: [string, number[], NodeSpec, Record<string, TensorSpec>, RegExp][] = [
  ['Col2Im', [1, 1, 1], node('Col2Im', ['x', 'a', 'b']), { a: ints(large, large), b: ints(1, 1) }, /columns/],
  [
    'AffineGrid',
    [1, 2, 3],
    node('AffineGrid', ['x', 'a']),
    { a: ints(1, 1, large, large) },
    /the grid would have/,
  ],
  [
    'MaxUnpool',
    [1, 1, 2, 2],
    node('MaxUnpool', ['x', 'n'], { kernel_shape: list(large, large), strides: list(1, 1) }),
    { n: { type: 7, shape: [1, 1, 2, 2], data: [0, 1, 2, 3] } },
    /the image would have/,
  ],
  [
    'Indices of MaxPool',
    [1, 64, 1024, 1024],
    node('MaxPool', ['x'], { kernel_shape: list(3, 3) }),
    {},
    /the windows would have/,
  ],
  [
    'three axes of ConvTranspose',
    [1, 1, 2, 2, 2],
    node('ConvTranspose', ['x', 'w'], { strides: list(2 ** 24, 1, 1) }),
    { w: { shape: [1, 1, 1, 1, 1], data: [1] } },
    /the first axis would have/,
  ],
  [
    'blocks of scales',
    [1, 2],
    node('DequantizeLinear', ['x', 's'], { axis: i(1), block_size: i(large) }),
    { s: scales },
    /the scales would have/,
  ],
  [
    'positions that are not numbers',
    [1, 1, 2, 2],
    node('GridSample', ['x', 'g']),
    { g: { shape: [1, 1, 1, 2], data: [0, Number.NaN] } },
    /not finite/,
  ],
];

describe('onnx: sizes that nothing can be made for', () => {
  for (const [what, shape, one, initializers, message] of CASES)
    it(what, () => {
      const file = encodeModel({
        opset: 22,
        inputs: [{ name: 'x', shape }],
        outputs: one.outputs.map((name) => ({ name })),
        nodes: [one],
        initializers,
      });
      expect(
        checkModel(parseOnnx(file))
          .issues.map(({ reason }) => reason)
          .join(),
      ).match(message);
    });
});
