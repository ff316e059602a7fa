/** Orders of the elements of an axis. */

import { ShapeError } from '@tacit/errors';
import { sizeOf } from '@tacit/graph';
import type { Secret } from '@tacit/mpc';
import { permute } from '@tacit/ring';
import type { FixedPoint } from '../fixed-point/fixed-point.js';
import { onSecrets } from './kernel.js';
import { indexBelow } from './reductions.js';

/** Bits of a key: a value and its index. One more is needed for differences, and one for their sign. */
const KEY_BITS = 62;

export const topK = onSecrets<'TopK'>(([x], { axis, k, largest }, shapes) => {
  const [shape] = shapes;
  const n = x.shape[axis];
  if (sizeOf(shape) === 0) return shapes.map(() => x.with(x.engine.fromPublic(new BigUint64Array(0), shape)));
  const most = KEY_BITS - Math.ceil(Math.log2(n));
  const narrow = bitsOf(x) <= most ? x : x.narrow();
  const bits = bitsOf(narrow);
  if (bits > most)
    throw new ShapeError(
      `an axis of ${n} elements is too long to be sorted: values of ${bits} bits leave room for 2^${KEY_BITS - bits}`,
    );
  const last = axisLast(narrow, axis);
  const rows = last.reshaped([sizeOf(shape) / k, n]);
  const { values, indices } = x.engine.sort(rows, { keep: k, largest, bits });
  for (const share of [last, rows]) share.dispose();
  const [made, places] = [values, indices].map((share) => axisBack(x, share, shape, axis));
  return [narrow.with(made), narrow.with(places, indexBelow(n))];
});

/** |x| < 2^bits, as words. A bound that is known may be reached; what is promised may not. */
function bitsOf({ scale, magnitude, context }: FixedPoint): number {
  const words = Math.ceil(magnitude + scale);
  return Math.max(0, magnitude < context.precision.range ? words + 1 : words);
}

/** The words with the axis moved behind all others. */
function axisLast(x: FixedPoint, axis: number): Secret {
  if (axis === x.rank - 1) return x.share.reshaped(x.shape);
  const order = x.shape.map((_, i) => i).filter((i) => i !== axis);
  return x.engine.view(x.share, permute(x.shape, [...order, axis]));
}

/** Words of that order in a shape whose axis is not the last. Takes `share` over. */
function axisBack({ engine }: FixedPoint, share: Secret, shape: readonly number[], axis: number): Secret {
  const others = shape.filter((_, i) => i !== axis);
  const rows = share.reshaped([...others, shape[axis]]);
  share.dispose();
  if (axis === shape.length - 1) return rows;
  const order = shape.map((_, i) => (i < axis ? i : i === axis ? shape.length - 1 : i - 1));
  const moved = engine.view(rows, permute(rows.shape, order));
  rows.dispose();
  return moved;
}
