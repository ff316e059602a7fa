/** Norms of windows, and of whole images: of p 1 or 2. */
import { at, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { readPool } from './pool.js';

function order(context: NodeContext): 1 | 2 {
  const p = context.int('p', 2);
  return p === 1 || p === 2 ? p : context.fail(`p is ${p}`);
}

export const lpPoolOnnx: OnnxOperator = {
  name: 'LpPool',
  opsets: ALL_OPSETS,
  note: 'p 1 or 2, without ceil_mode; becomes AveragePool',
  convert(context) {
    const p = order(context);
    if (context.int('ceil_mode', 0) !== 0) context.fail('ceil_mode');
    const x = context.input(0);
    const powers = context.emit(p === 1 ? 'Abs' : 'Square', [x], {});
    const mean = readPool(context, powers, (value, window) =>
      context.emit('AveragePool', [value], { ...window, ceilMode: false, countIncludePad: true }),
    );
    const kernel = context.ints('kernel_shape') ?? [];
    const count = kernel.reduce((a, b) => a * b, 1);
    const size = context.makeConstant('count', { shape: [], data: Float64Array.of(count) });
    const sum: Value = context.emit('Mul', [mean, size], {});
    context.result(p === 1 ? sum : context.emit('Sqrt', [sum], {}));
  },
};

export const globalLpPoolOnnx: OnnxOperator = {
  name: 'GlobalLpPool',
  opsets: ALL_OPSETS,
  note: 'p 1 or 2; becomes ReduceL1 or ReduceL2',
  convert(context) {
    const x = context.input(0);
    const axes = Array.from({ length: context.rank(x) }, (_, axis) => axis).slice(2);
    if (axes.length === 0) context.fail('the input has no image');
    const op = at(['ReduceL1', 'ReduceL2'] as const, order(context) - 1);
    context.result(context.emit(op, [x], { axes, keepDims: true }));
  },
};
