/** Fully connected layer y = x W + b over the last axis, and ONNX's Gemm, which becomes one. */
import { at, broadcastTo, map, show, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { multiply, swapLast, transposed } from './matrix.js';

export const gemmOnnx: OnnxOperator = {
  name: 'Gemm',
  opsets: ALL_OPSETS,
  note: 'alpha, beta, transA, transB; with a constant matrix becomes Linear',
  convert(context) {
    const alpha = context.float('alpha', 1);
    const beta = context.float('beta', 1);
    const transA = context.int('transA', 0) !== 0;
    const transB = context.int('transB', 0) !== 0;
    const [a, b, c] = [context.input(0), context.input(1), context.optional(2)];
    if (context.rank(a) !== 2 || context.rank(b) !== 2) context.fail('factors of Gemm must be matrices');
    const x = transA ? swapLast(context, a) : a;
    if (b.kind === 'constant' && a.kind !== 'constant') {
      const oriented = transB ? transposed(b.tensor) : b.tensor;
      const changed = transB || alpha !== 1;
      const scaledBy = (factor: number) => map(oriented, (value) => factor * value);
      const weight = changed ? context.makeConstant('weight', alpha === 1 ? oriented : scaledBy(alpha)) : b;
      const bias = biasVector(context, c, beta, at(oriented.shape, 1));
      const y = context.emit('Linear', bias === undefined ? [x, weight] : [x, weight, bias], {});
      context.result(bias === undefined ? addTerm(context, y, c, beta) : y);
      return;
    }
    const y = multiply(context, x, transB ? swapLast(context, b) : b);
    context.result(addTerm(context, scaled(context, y, alpha, 'alpha'), c, beta));
  },
};

/** C as a bias of the layer, when it is a constant that is the same for all rows. */
function biasVector(
  context: NodeContext,
  c: Value | undefined,
  beta: number,
  size: number,
): Value | undefined {
  if (c?.kind !== 'constant' || beta === 0) return undefined;
  const { shape } = c;
  if (shape.length > 2 || (shape.length === 2 && shape[0] !== 1)) return undefined;
  if (beta === 1 && shape.length === 1 && shape[0] === size) return c;
  const last = shape[shape.length - 1] ?? 1;
  if (last !== 1 && last !== size) context.fail(`C of shape ${show(shape)} does not fit ${size} columns`);
  const row = { shape: [last], data: c.tensor.data };
  return context.makeConstant(
    'bias',
    map(broadcastTo(row, [size]), (value) => beta * value),
  );
}

function addTerm(context: NodeContext, y: Value, c: Value | undefined, beta: number): Value {
  if (c === undefined || beta === 0) return y;
  return context.emit('Add', [y, scaled(context, c, beta, 'beta')], {});
}

function scaled(context: NodeContext, value: Value, factor: number, name: string): Value {
  if (factor === 1) return value;
  const scalar = context.makeConstant(name, { shape: [], data: Float64Array.of(factor) });
  return context.emit('Mul', [value, scalar], {});
}
