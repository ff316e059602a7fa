/** Norms of windows, and of whole images. */
import { at, isNumeric, type Value, windowReach, windowSizes } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { readPool } from './pool.js';
import type { WindowAttributes } from './window.js';

function readOrder(context: NodeContext): number {
  const p = context.int('p', 2);
  return p >= 1 && p <= 64 ? p : context.fail(`p is ${p}`);
}

/** |x|^p */
function powers(context: NodeContext, x: Value, p: number): Value {
  if (p === 2) return context.emit('Square', [x], {});
  const size = p % 2 === 0 ? x : context.emit('Abs', [x], {});
  return p === 1 ? size : context.emit('Pow', [size], { exponent: p });
}

/** x^(1 / p), of which sums of powers are: roots of roots as far as p is even. */
function root(context: NodeContext, x: Value, p: number): Value {
  if (p === 1) return x;
  if (p % 2 === 0) return root(context, context.emit('Sqrt', [x], {}), p / 2);
  return context.emit('Pow', [x], { exponent: 1 / p });
}

export const lpPoolOnnx: OnnxOperator = {
  name: 'LpPool',
  opsets: ALL_OPSETS,
  note: 'becomes AveragePool; values of windows below 2^13, or the root of that for p 2, and so on',
  convert(context) {
    const p = readOrder(context);
    const ceilMode = context.int('ceil_mode', 0) !== 0;
    const kernel = context.ints('kernel_shape') ?? [];
    const count = kernel.reduce((a, b) => a * b, 1);
    const mean = readPool(context, powers(context, context.input(0), p), (value, window) =>
      context.emit('AveragePool', [value], {
        ...(ceilMode ? widened(context, value, window) : window),
        ceilMode: false,
        countIncludePad: true,
      }),
    );
    const size = context.makeConstant('count', { shape: [], data: Float64Array.of(count) });
    context.result(root(context, context.emit('Mul', [mean, size], {}), p));
  },
};

/** Windows that a last one fits into which would reach beyond the padding: a mean counts no more than the padding. */
function widened(context: NodeContext, x: Value, window: WindowAttributes): WindowAttributes {
  const spatial = context.shape(x).slice(2);
  const { pads, strides } = window;
  if (!isNumeric(spatial) || typeof pads === 'string')
    return context.fail('with ceil_mode, the size of the input must be known');
  const sizes: readonly number[] = spatial;
  const counts = windowSizes(sizes, { ...window, ceilMode: true });
  const axes = sizes.length;
  const ends = sizes.map((size, axis) => {
    const reached = ((counts[axis] as number) - 1) * at(strides, axis) + windowReach(window, axis);
    return Math.max(at(pads, axis + axes), reached - size - at(pads, axis));
  });
  return { ...window, pads: [...pads.slice(0, axes), ...ends] };
}

export const globalLpPoolOnnx: OnnxOperator = {
  name: 'GlobalLpPool',
  opsets: ALL_OPSETS,
  note: 'p 1 becomes ReduceL1, p 2 ReduceL2',
  convert(context) {
    const x = context.input(0);
    const axes = Array.from({ length: context.rank(x) }, (_, axis) => axis).slice(2);
    if (axes.length === 0) context.fail('the input has no image');
    const p = readOrder(context);
    const along = { axes, keepDims: true };
    if (p <= 2) context.result(context.emit(p === 1 ? 'ReduceL1' : 'ReduceL2', [x], along));
    else context.result(root(context, context.emit('ReduceSum', [powers(context, x, p)], along), p));
  },
};
