/** Windows over three spatial axes, as windows over two of them and then the first. */
import { at, isNumeric, show, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { placeSums } from './place-sums.js';
import type { WindowAttributes } from './window.js';

type Sizes = readonly [channels: number, depth: number, height: number, width: number];

function sizesOf(context: NodeContext, x: Value): Sizes {
  const sizes = context.shape(x).slice(1);
  if (!isNumeric(sizes)) context.fail(`of ${show(sizes)}, which must be known for three spatial axes`);
  return sizes as unknown as Sizes;
}

/** The window along the given spatial axes. */
function along(context: NodeContext, window: WindowAttributes, axes: readonly number[]): WindowAttributes {
  const { kernel, strides, dilations, pads } = window;
  if (typeof pads === 'string') return context.fail('the size of three spatial axes must be known');
  const of = (list: readonly number[]) => axes.map((axis) => at(list, axis));
  return {
    kernel: of(kernel),
    strides: of(strides),
    dilations: of(dilations),
    pads: [...of(pads), ...of(pads.slice(kernel.length))],
  };
}

const reshape = (context: NodeContext, x: Value, shape: readonly number[]) =>
  context.emit('Reshape', [x], { shape, allowZero: false });

/** A pool, which is one of each plane and then one over planes: extremes and means are separable. */
export function poolVolume(
  context: NodeContext,
  x: Value,
  window: WindowAttributes,
  pool: (x: Value, window: WindowAttributes) => Value,
): Value {
  const [channels, depth, height, width] = sizesOf(context, x);
  const planes = reshape(context, x, [0, channels * depth, height, width]);
  const pooled = pool(planes, along(context, window, [1, 2]));
  const [rows, columns] = context.shape(pooled).slice(2) as [number, number];
  const { kernel, strides, dilations, pads } = along(context, window, [0]);
  const [before, after] = pads as readonly number[];
  const stacked = pool(reshape(context, pooled, [0, channels, depth, rows * columns]), {
    kernel: [...kernel, 1],
    strides: [...strides, 1],
    dilations: [...dilations, 1],
    pads: [before ?? 0, 0, after ?? 0, 0],
  });
  return reshape(context, stacked, [0, channels, at(context.shape(stacked), 2) as number, rows, columns]);
}

/** A convolution, which is one of planes: those that a position along the first axis sees are channels. */
export function convVolume(
  context: NodeContext,
  [x, weight, ...bias]: readonly [Value, Value, ...Value[]],
  window: WindowAttributes,
  group: number,
): Value {
  const [channels, depth, height, width] = sizesOf(context, x);
  const { kernel, strides, dilations, pads } = along(context, window, [0]);
  const [taps, stride, dilation] = [at(kernel, 0), at(strides, 0), at(dilations, 0)];
  const [before, after] = [at(pads as readonly number[], 0), at(pads as readonly number[], 1)];
  const amounts = [0, 0, before, 0, 0, 0, 0, after, 0, 0];
  const wide = before + after === 0 ? x : context.emit('Pad', [x], { pads: amounts, value: 0 });
  const count = Math.floor((depth + before + after - (taps - 1) * dilation - 1) / stride) + 1;
  if (count < 1)
    context.fail(`a window of ${taps} does not fit into a padded size of ${depth + before + after}`);
  const indices = Array.from(
    { length: count * taps },
    (_, i) => Math.floor(i / taps) * stride + (i % taps) * dilation,
  );
  const seen = context.emit('Take', [wide], { axis: 2, indices, shape: [count, taps] });
  const moved = context.emit('Transpose', [seen], { perm: [0, 2, 1, 3, 4, 5] });
  const planes = reshape(context, moved, [-1, channels * taps, height, width]);
  const [outputs, perGroup, , ...rest] = context.shape(weight) as readonly number[];
  const flat = reshape(context, weight, [outputs ?? 1, (perGroup ?? 1) * taps, ...rest]);
  const y = context.emit('Conv', [planes, flat, ...bias], { ...along(context, window, [1, 2]), group });
  const apart = reshape(context, y, [-1, count, ...(context.shape(y).slice(1) as readonly number[])]);
  return context.emit('Transpose', [apart], { perm: [0, 2, 1, 3, 4] });
}

/**
 * A transposed convolution: one of planes, whose channels are those of all planes that a position along the first axis
 * reaches; then the sum of all that reaches a plane.
 */
export function convTransposeVolume(
  context: NodeContext,
  [x, weight, bias]: readonly [Value, Value, ...Value[]],
  window: WindowAttributes & { readonly group: number; readonly outputPadding: readonly number[] },
): Value {
  const [channels, depth, height, width] = sizesOf(context, x);
  const [, perGroup, taps, ...plane] = context.shape(weight) as readonly [
    number,
    number,
    number,
    ...number[],
  ];
  const { group, outputPadding } = window;
  const planes = context.emit('Transpose', [x], { perm: [0, 2, 1, 3, 4] });
  const flat = reshape(context, weight, [channels, perGroup * taps, ...plane]);
  const y = context.emit('ConvTranspose', [reshape(context, planes, [-1, channels, height, width]), flat], {
    ...along(context, window, [1, 2]),
    group,
    outputPadding: outputPadding.slice(1),
  });
  const outputs = perGroup * group;
  const [rows, columns] = context.shape(y).slice(2) as [number, number];
  const apart = reshape(context, y, [-1, depth, outputs, taps, rows, columns]);
  const moved = context.emit('Transpose', [apart], { perm: [0, 2, 1, 3, 4, 5] });
  const all = reshape(context, moved, [-1, outputs, depth * taps, rows * columns]);
  const last = context.emit('Transpose', [all], { perm: [0, 1, 3, 2] });
  const reached = reaching(context, depth, along(context, window, [0]), at(outputPadding, 0));
  const sums = context.emit('Transpose', [placeSums(context, last, depth * taps, reached)], {
    perm: [0, 1, 3, 2],
  });
  const sum = reshape(context, sums, [-1, outputs, reached.length, rows, columns]);
  if (bias === undefined) return sum;
  return context.emit('Add', [sum, reshape(context, bias, [outputs, 1, 1, 1])], {});
}

/** For each place of the result along the first axis, what reaches it: positions times taps, plus the tap. */
function reaching(
  context: NodeContext,
  depth: number,
  { kernel, strides, dilations, pads }: WindowAttributes,
  outputPadding: number,
): number[][] {
  const [taps, stride, dilation] = [at(kernel, 0), at(strides, 0), at(dilations, 0)];
  const [before, after] = [at(pads as readonly number[], 0), at(pads as readonly number[], 1)];
  const size = (depth - 1) * stride + (taps - 1) * dilation + 1 + outputPadding - before - after;
  if (size < 1) context.fail(`pads [${before}, ${after}] crop everything`);
  context.checkCount(Math.max(size, depth * taps), 'the first axis');
  const reached = Array.from({ length: size }, (): number[] => []);
  for (let position = 0; position < depth; position++)
    for (let tap = 0; tap < taps; tap++)
      reached[position * stride + tap * dilation - before]?.push(position * taps + tap);
  return reached;
}
