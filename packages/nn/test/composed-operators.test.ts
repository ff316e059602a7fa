/** Operators of files that are composed on import, in private: windows, places, loops, parameters that are secret. */
import { i, ints, list, weight } from '../../onnx/test/helpers/operator-cases.js';
import { agrees, type ModelCase, node } from './helpers/models.js';

const both: ModelCase['modes'] = ['owned', 'shared'];

const CASES: Record<string, ModelCase> = {
  'a transposed convolution of three axes': {
    inputs: { x: [1, 2, 2, 3, 2] },
    constants: { w: weight([2, 1, 2, 2, 3]), b: weight([2]) },
    nodes: [
      node('ConvTranspose', ['x', 'w', 'b'], 'y', {
        group: i(2),
        strides: list(2, 1, 2),
        pads: list(1, 0, 1, 0, 1, 0),
      }),
    ],
    modes: both,
  },
  'where the largest elements of windows are': {
    inputs: { x: [2, 2, 4, 5] },
    nodes: [
      node('MaxPool', ['x'], ['m', 'n'], {
        kernel_shape: list(3, 2),
        strides: list(2, 1),
        pads: list(1, 0, 1, 1),
      }),
      node('Cast', ['n'], 'f', { to: i(1) }),
    ],
    outputs: ['m', 'f'],
    parties: [2, 3],
  },
  'norms of windows': {
    inputs: { x: [1, 2, 4, 5] },
    nodes: [
      ...[1, 2, 3, 4].map((p) => node('LpPool', ['x'], `y${p}`, { p: i(p), kernel_shape: list(2, 3) })),
    ],
    outputs: ['y1', 'y2', 'y3', 'y4'],
    tolerance: 0.03,
  },
  'normalisation by secret scales': {
    inputs: { x: [2, 3, 4, 2], s: [3], b: [3] },
    nodes: [node('InstanceNormalization', ['x', 's', 'b'])],
    tolerance: 0.01,
  },
  'batches by secret statistics': {
    inputs: { x: [2, 3, 4], s: [3], b: [3], m: [3], d: [3] },
    constants: { one: { shape: [], data: [0.5] } },
    nodes: [
      node('Abs', ['d'], 'a'),
      node('Add', ['a', 'one'], 'v'),
      node('BatchNormalization', ['x', 's', 'b', 'm', 'v']),
    ],
    tolerance: 0.01,
  },
  'batches by their own statistics': {
    inputs: { x: [2, 3, 4] },
    constants: {
      s: weight([3]),
      b: weight([3], 2),
      m: weight([3], 3),
      v: { shape: [3], data: [1, 2, 3] },
    },
    nodes: [
      node('BatchNormalization', ['x', 's', 'b', 'm', 'v'], ['y', 'mean', 'variance'], {
        training_mode: i(1),
      }),
    ],
    outputs: ['y', 'mean', 'variance'],
    tolerance: 0.01,
  },
  'padding by a secret value': {
    inputs: { x: [2, 3], v: [] },
    constants: { p: ints(1, -1, 0, 2) },
    nodes: [node('Pad', ['x', 'p', 'v'])],
  },
  'columns put back into an image': {
    inputs: { x: [1, 12, 9] },
    constants: { image: ints(4, 5), block: ints(2, 3) },
    nodes: [node('Col2Im', ['x', 'image', 'block'])],
    opset: 18,
  },
  'an image at positions that the model has': {
    inputs: { x: [2, 1, 3, 4] },
    constants: { g: weight([2, 2, 3, 2]) },
    nodes: [node('GridSample', ['x', 'g'], 'y', { padding_mode: { s: 'border' } })],
    modes: both,
  },
  'a body for each row, with a state': {
    inputs: { start: [2], x: [3, 2] },
    constants: { w: weight([2, 2]) },
    nodes: [
      node('Scan', ['start', 'x'], ['last', 'y'], {
        num_scan_inputs: i(1),
        body: {
          g: {
            inputs: [
              { name: 's', shape: [2] },
              { name: 'row', shape: [2] },
            ],
            outputs: [{ name: 'next' }, { name: 'seen' }],
            nodes: [
              node('MatMul', ['s', 'w'], 'm'),
              node('Add', ['m', 'row'], 'a'),
              node('Tanh', ['a'], 'next'),
              node('Neg', ['next'], 'seen'),
            ],
          },
        },
      }),
    ],
    outputs: ['last', 'y'],
    modes: both,
    parties: [2, 3],
  },
  'whole powers of a tensor': {
    inputs: { x: [2, 4] },
    constants: { n: { shape: [4], data: [0, 1, 3, 6] } },
    nodes: [node('Pow', ['x', 'n'])],
    tolerance: 0.02,
  },
  'integers of the file by a secret scale': {
    inputs: { s: [2] },
    constants: {
      q: { type: 2, shape: [2, 2], data: [], raw: Uint8Array.of(0, 3, 128, 255) },
      z: { type: 2, shape: [2], data: [], raw: Uint8Array.of(3, 100) },
    },
    nodes: [node('DequantizeLinear', ['q', 's', 'z'], 'y', { axis: i(0) })],
    modes: both,
  },
};

describe('networks from files: windows, loops and secret parameters', () => {
  for (const [title, one] of Object.entries(CASES)) it(title, () => agrees(one));
});
