/** Operators of files that are composed of comparisons and floors, against onnxruntime and in private. */
import { i, ints, scalar } from '../../onnx/test/helpers/operator-cases.js';
import { agrees, type ModelCase, node } from './helpers/models.js';

const toFloat = (name: string) => node('Cast', [name], 'y', { to: i(1) });
const vector = (...data: number[]) => ({ shape: [data.length], data: data.map(Math.fround) });

const CASES: Record<string, ModelCase> = {
  'Mod of integers, with the sign of the divisor': {
    inputs: { x: [2, 4] },
    constants: { eight: scalar(8), divisor: { type: 7, shape: [1, 4], data: [3n, -3n, 1n, 5n] } },
    nodes: [
      node('Mul', ['x', 'eight'], 'wide'),
      node('ArgMax', ['wide'], 'index', { axis: i(1), keepdims: i(1) }),
      node('Mod', ['index', 'divisor'], 'rest'),
      toFloat('rest'),
    ],
  },
  'Mod with the sign of the dividend': {
    inputs: { x: [3, 4] },
    constants: { divisor: vector(0.75, -0.3, 1, 5) },
    nodes: [node('Mod', ['x', 'divisor'], 'y0', { fmod: i(1) }), node('Neg', ['y0'])],
  },
  'Shrink, soft and hard': {
    inputs: { x: [2, 5] },
    nodes: [
      node('Shrink', ['x'], 'soft', { lambd: { f: 0.7 }, bias: { f: 0.5 } }),
      node('Shrink', ['x'], 'hard', { lambd: { f: 1.1 } }),
      node('Sub', ['soft', 'hard']),
    ],
  },
  'Hardmax of all axes behind one': {
    inputs: { x: [2, 2, 3] },
    nodes: [node('Hardmax', ['x'], 'y', { axis: i(1) })],
    opset: 11,
  },
  'ArgMax and ArgMin, the last of equal ones': {
    inputs: { x: [3, 4] },
    nodes: [
      node('Relu', ['x'], 'r'),
      node('ArgMin', ['r'], 'a', { axis: i(-1), select_last_index: i(1), keepdims: i(0) }),
      node('ArgMax', ['r'], 'b', { axis: i(0), keepdims: i(0), select_last_index: i(1) }),
      node('Cast', ['a'], 'c', { to: i(1) }),
      node('Cast', ['b'], 'd', { to: i(1) }),
      node('Concat', ['c', 'd'], 'y', { axis: i(0) }),
    ],
  },
  'LpPool and GlobalLpPool': {
    inputs: { x: [1, 2, 4, 5] },
    nodes: [
      node('LpPool', ['x'], 'a', {
        kernel_shape: { ints: [2, 3] },
        strides: { ints: [2, 1] },
        pads: { ints: [0, 1, 0, 1] },
      }),
      node('LpPool', ['a'], 'b', { kernel_shape: { ints: [2, 2] }, p: i(1) }),
      node('GlobalLpPool', ['b']),
    ],
    tolerance: 2 ** -8,
  },
  'Clip by secret limits': {
    inputs: { x: [6], a: [], b: [] },
    nodes: [node('Abs', ['b'], 'high'), node('Neg', ['high'], 'low'), node('Clip', ['x', 'low', 'high'])],
  },
  'hyperbolic functions, and their inverses': {
    inputs: { x: [6] },
    constants: { half: scalar(0.45) },
    nodes: [
      node('Sinh', ['x'], 'a'),
      node('Cosh', ['x'], 'b'),
      node('Asinh', ['a'], 'c'),
      node('Add', ['b', 'half'], 'b1'),
      node('Acosh', ['b1'], 'd'),
      node('Mul', ['x', 'half'], 'e'),
      node('Atanh', ['e'], 'f'),
      node('Concat', ['a', 'b', 'c', 'd', 'f'], 'y', { axis: i(0) }),
    ],
    tolerance: 2 ** -8,
  },
  'turns of positions: sines and cosines of constants': {
    inputs: { x: [1, 3, 4] },
    constants: { angles: { shape: [3, 4], data: Array.from({ length: 12 }, (_, n) => n / 4) } },
    nodes: [
      node('Cos', ['angles'], 'c'),
      node('Sin', ['angles'], 's'),
      node('Mul', ['x', 'c'], 'a'),
      node('Mul', ['x', 's'], 'b'),
      node('Add', ['a', 'b']),
    ],
  },
  'losses by labels, weighted, of which one is ignored': {
    inputs: { x: [2, 3, 2] },
    constants: { t: { type: 7, shape: [2, 2], data: [0n, 2n, 1n, 2n] }, w: vector(0.5, 2, 1) },
    nodes: [
      node('SoftmaxCrossEntropyLoss', ['x', 't', 'w'], ['a', 'logs'], { ignore_index: i(1) }),
      node('NegativeLogLikelihoodLoss', ['logs', 't'], 'b', { reduction: { s: 'none' } }),
      node('Add', ['a', 'b']),
    ],
  },
  'Where by a condition that is the same throughout': {
    inputs: { x: [2], z: [3, 2] },
    constants: { c: { type: 9, shape: [1], data: [1] }, shape: ints(1) },
    nodes: [node('Where', ['c', 'x', 'z'])],
  },
};

describe('networks from files: functions of pieces', () => {
  for (const [title, one] of Object.entries(CASES)) it(title, () => agrees(one));
});
