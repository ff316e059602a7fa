/** Values between the elements of an image, at positions that are known: sums with public weights. */
import { at, isNumeric, type PlainTensor, show, sizeOf, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { MAX_OPSET, type OnnxOperator } from '../operator.js';
import { readSampling, type Sampling, tapsOf } from './sampling.js';

export const gridSampleOnnx: OnnxOperator = {
  name: 'GridSample',
  opsets: [16, MAX_OPSET],
  note: 'constant grid, known sizes; nearest, linear, cubic; padding_mode zeros, border, reflection; align_corners',
  convert(context) {
    const x = context.input(0);
    const grid = context.constant(context.input(1), 'the grid');
    const shape = context.shape(x);
    if (!isNumeric(shape)) return context.fail(`the sizes ${show(shape)} must be known`);
    const sizes: readonly number[] = shape;
    const [batch, spatial] = [at(sizes, 0), sizes.slice(2)];
    const out = grid.shape.slice(1, -1);
    if (grid.shape[0] !== batch || grid.shape.at(-1) !== spatial.length || out.length !== spatial.length)
      context.fail(`a grid ${show(grid.shape)} for ${show(sizes)}`);
    if (!grid.data.every(Number.isFinite)) context.fail('a position of the grid is not finite');
    const sampling = readSampling(context, spatial);
    const flat = context.emit('Reshape', [x], {
      shape: [...sizes.slice(0, 2), sizeOf(spatial)],
      allowZero: true,
    });
    const points = sizeOf(out);
    const rows = Array.from({ length: batch }, (_, b) => {
      const part =
        batch === 1
          ? flat
          : context.emit('Slice', [flat], { axes: [0], starts: [b], ends: [b + 1], steps: [1] });
      return sampled(context, part, positionsOf(grid, b, points), sampling);
    });
    const y = rows.length === 1 ? (rows[0] as Value) : context.emit('Concat', rows, { axis: 0 });
    context.result(context.emit('Reshape', [y], { shape: [batch, at(sizes, 1), ...out], allowZero: true }));
  },
};

/** Positions of an image of the batch; in the grid that along the last axis comes first. */
function positionsOf({ shape, data }: PlainTensor, b: number, points: number): number[][] {
  const axes = shape.at(-1) ?? 0;
  return Array.from({ length: points }, (_, p) => {
    const from = (b * points + p) * axes;
    return Array.from(data.subarray(from, from + axes)).reverse();
  });
}

/** [1, channels, elements] at the positions. */
function sampled(
  context: NodeContext,
  x: Value,
  positions: readonly (readonly number[])[],
  sampling: Sampling,
): Value {
  const taps = positions.map((position) => tapsOf(position, sampling));
  const most = Math.max(1, ...taps.map(({ length }) => length));
  context.checkCount(positions.length * most, 'the positions');
  const weights = taps.flatMap((own) => Array.from({ length: most }, (_, i) => own[i]?.[1] ?? 0));
  const indices = taps.flatMap((own) => Array.from({ length: most }, (_, i) => own[i]?.[0] ?? 0));
  const seen = context.emit('Take', [x], { axis: 2, indices, shape: [positions.length, most] });
  const shape = [positions.length, most];
  const factors = context.makeConstant('weights', { shape, data: Float64Array.from(weights) });
  const weighted = weights.every((weight) => weight === 1) ? seen : context.emit('Mul', [seen, factors], {});
  return context.emit('ReduceSum', [weighted], { axes: [3], keepDims: false });
}
