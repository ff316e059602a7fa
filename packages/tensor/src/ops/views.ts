/** Shapes and views: all local. A view of a tensor that was multiplied before is not sent again when it is multiplied. */
import { gather, mapLocal, ShapeError } from '@tacit/mpc';
import { broadcastTo, permute, sizeOf, slice as sliceView } from '@tacit/ring';
import { CrypTensor } from '../cryptensor.js';
import { atScale, withFractions } from './arithmetic.js';
import { axisOf } from './axes.js';

/** At most one dimension may be -1: what is left. */
export function reshape(x: CrypTensor, target: readonly number[]): CrypTensor {
  const open = target.filter((d) => d === -1).length;
  const known = target.filter((d) => d !== -1).reduce((a, b) => a * b, 1);
  const shape = target.map((d) => (d === -1 ? x.size / known : d));
  if (open > 1 || shape.some((d) => !Number.isInteger(d) || d < 0) || sizeOf(shape) !== x.size)
    throw new ShapeError(`cannot reshape [${x.shape}] to [${target}]`);
  return new CrypTensor(x.session, x.share.reshaped(shape), x.scale);
}

/** [a, b, c, d] from axis 1: [a, b*c*d]. */
export function flatten(x: CrypTensor, startAxis: number): CrypTensor {
  const at = x.rank === 0 && startAxis === 0 ? 0 : axisOf('flatten', startAxis, x.shape);
  return reshape(x, [...x.shape.slice(0, at), x.shape.slice(at).reduce((a, b) => a * b, 1)]);
}

export function transpose(x: CrypTensor, permutation?: readonly number[]): CrypTensor {
  const order = permutation ?? x.shape.map((_, i) => x.rank - 1 - i);
  if ([...order].sort((a, b) => a - b).some((axis, i) => axis !== i) || order.length !== x.rank)
    throw new ShapeError(`[${order}] is no permutation of the axes of [${x.shape}]`);
  return new CrypTensor(x.session, gather(x.session, x.share, permute(x.shape, order)), x.scale);
}

/** Python's rules for negative and too large bounds, one entry an axis. */
export function slice(
  x: CrypTensor,
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): CrypTensor {
  if (starts.length > x.rank || ends.length !== starts.length || steps.length !== starts.length)
    throw new ShapeError(`cannot slice [${x.shape}] from [${starts}] to [${ends}] by [${steps}]`);
  const view = sliceView(
    x.shape,
    starts.map((start, i) => ({ start, stop: ends[i], step: steps[i] })),
  );
  return new CrypTensor(x.session, gather(x.session, x.share, view), x.scale);
}

export function unsqueeze(x: CrypTensor, axis: number): CrypTensor {
  const at = axisOf('unsqueeze', axis, [...x.shape, 1]);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

export function squeeze(x: CrypTensor, axis?: number): CrypTensor {
  const at = axis === undefined ? undefined : axisOf('squeeze', axis, x.shape);
  if (at !== undefined && x.shape[at] !== 1)
    throw new ShapeError(`cannot squeeze axis ${axis} of [${x.shape}]`);
  return reshape(
    x,
    x.shape.filter((d, i) => (at === undefined ? d !== 1 : i !== at)),
  );
}

export const expand = (x: CrypTensor, shape: readonly number[]): CrypTensor =>
  new CrypTensor(x.session, gather(x.session, x.share, broadcastTo(x.shape, shape)), x.scale);

export function pad(x: CrypTensor, pads: readonly number[], value: number): CrypTensor {
  if (pads.length !== 2 * x.rank || pads.some((p) => !Number.isInteger(p) || p < 0))
    throw new ShapeError(`pads [${pads}] do not fit the shape [${x.shape}]`);
  const shape = x.shape.map((d, i) => d + pads[i] + pads[i + x.rank]);
  const wide = withFractions(x);
  const fill = x.session.ring.encode([value], wide.scale)[0];
  const share = mapLocal(
    x.session,
    'pad',
    [wide.share],
    shape,
    (op, [a], out) => op.ring.pad(out, a, x.shape, pads, op.first ? fill : 0n),
    { pads, value },
    'overwritten',
  );
  return new CrypTensor(x.session, share, wide.scale);
}

/** Joins tensors along an axis. Local. */
export function cat(tensors: readonly CrypTensor[], axis = 0): CrypTensor {
  const [head] = tensors;
  if (!head) throw new ShapeError('cat takes at least one tensor');
  const at = axisOf('cat', axis, head.shape);
  for (const t of tensors)
    if (t.rank !== head.rank || t.shape.some((d, i) => i !== at && d !== head.shape[i]))
      throw new ShapeError(`cat along axis ${axis}: [${t.shape}] does not fit [${head.shape}]`);
  const scale = Math.max(...tensors.map((t) => t.scale));
  const parts = tensors.map((t) => atScale(t, scale));
  const shape = head.shape.map((d, i) => (i === at ? tensors.reduce((n, t) => n + t.shape[at], 0) : d));
  const outer = head.shape.slice(0, at).reduce((a, b) => a * b, 1);
  const inner = head.shape.slice(at + 1).reduce((a, b) => a * b, 1);
  const share = mapLocal(
    head.session,
    'cat',
    parts.map((p) => p.share),
    shape,
    (_, words, out) => {
      let to = 0;
      for (let o = 0; o < outer; o++)
        words.forEach((w, i) => {
          const run = parts[i].shape[at] * inner;
          out.set(w.subarray(o * run, (o + 1) * run), to);
          to += run;
        });
    },
    { axis: at },
  );
  return new CrypTensor(head.session, share, scale);
}

/** Joins tensors of one shape along a new axis. Local. */
export const stack = (tensors: readonly CrypTensor[], axis = 0): CrypTensor =>
  cat(
    tensors.map((t) => unsqueeze(t, axis)),
    axis,
  );
