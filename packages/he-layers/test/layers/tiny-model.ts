/** A network of one convolution, a square, a pool and a linear layer, as an ONNX file. */
import { encodeModel, type NodeSpec } from '../../../onnx/test/helpers/onnx-encoder.js';
import { numbers } from './helpers.js';

export const NORM = { weight: [1.5, 0.5], bias: [0.25, 0.5], runningMean: [0.5, -0.5], runningVar: [2, 1] };

/** normFirst: batch normalisation between two squares, where no layer can take it up. */
export function tinyModel(
  options: { batchNorm?: boolean; normFirst?: boolean; squares?: number; relu?: boolean } = {},
): Uint8Array {
  const { batchNorm = false, normFirst = false, squares = normFirst ? 2 : 1, relu = false } = options;
  const nodes: NodeSpec[] = [{ op: 'Conv', name: 'conv', inputs: ['x', 'w1', 'b1'], outputs: ['c'] }];
  const last = () => nodes[nodes.length - 1].outputs[0];
  const norm = () =>
    nodes.push({
      op: 'BatchNormalization',
      name: 'bn',
      inputs: [last(), 'gamma', 'beta', 'mean', 'var'],
      outputs: ['n'],
    });
  if (batchNorm && !normFirst) norm();
  for (let i = 0; i < squares; i++) {
    nodes.push({ op: 'Mul', name: `square${i}`, inputs: [last(), last()], outputs: [`s${i}`] });
    if (batchNorm && normFirst && i === 0) norm();
  }
  if (relu) nodes.push({ op: 'Relu', name: 'relu', inputs: [last()], outputs: ['r'] });
  nodes.push({
    op: 'AveragePool',
    name: 'pool',
    inputs: [last()],
    outputs: ['p'],
    attributes: { kernel_shape: { ints: [2, 2] } },
  });
  nodes.push({ op: 'Flatten', name: 'flatten', inputs: ['p'], outputs: ['f'] });
  nodes.push({
    op: 'Gemm',
    name: 'fc',
    inputs: ['f', 'w2', 'b2'],
    outputs: ['y'],
    attributes: { transB: { i: 1 } },
  });
  return encodeModel({
    opset: 13,
    inputs: [{ name: 'x', shape: ['N', 1, 4, 4] }],
    outputs: [{ name: 'y', shape: ['N', 2] }],
    nodes,
    initializers: {
      w1: { shape: [2, 1, 3, 3], data: numbers(18, 3) },
      b1: { shape: [2], data: [0.5, -0.25] },
      w2: { shape: [2, 2], data: numbers(4, 5) },
      b2: { shape: [2], data: [1, -1] },
      ...(batchNorm
        ? {
            gamma: { shape: [2], data: NORM.weight },
            beta: { shape: [2], data: NORM.bias },
            mean: { shape: [2], data: NORM.runningMean },
            var: { shape: [2], data: NORM.runningVar },
          }
        : {}),
    },
  });
}
