/** Operations that move elements. Local; reshapes and views of what was opened stay opened. */
import { type Attributes, sizeOf } from '@tacit/graph';
import { broadcastTo, permute, slice as sliceView } from '@tacit/ring';
import type { FixedPoint } from '../fixed-point/fixed-point.js';
import { magnitudeOf } from '../fixed-point/precision.js';
import { isOwned, isPlain, secretOf } from '../private-value.js';
import { onSecrets, type PrivateKernel } from './kernel.js';

export const reshape: PrivateKernel<'Reshape'> = (_context, [x], _attributes, [shape]) => {
  if (isOwned(x)) return [x.reshape(shape)];
  if (isPlain(x)) return [{ shape, data: x.data }];
  return [x.moved((share) => share.reshaped(shape))];
};

export const transpose: PrivateKernel<'Transpose'> = (context, [x], { perm }) => {
  if (isOwned(x)) return [x.transpose(perm)];
  const secret = secretOf(context, x);
  return [secret.moved((share) => secret.engine.view(share, permute(secret.shape, perm)))];
};

export const expand: PrivateKernel<'Expand'> = (context, [x], _attributes, [shape]) => {
  if (isOwned(x)) return [x.broadcast(shape)];
  const secret = secretOf(context, x);
  return [secret.moved((share) => secret.engine.view(share, broadcastTo(secret.shape, shape)))];
};

export const slice: PrivateKernel<'Slice'> = (context, [x], attributes) => {
  const cut = ranges(x.shape, attributes);
  if (isOwned(x)) return [x.slice(cut)];
  const secret = secretOf(context, x);
  return [secret.moved((share) => secret.engine.view(share, sliceView(secret.shape, cut)))];
};

export const take: PrivateKernel<'Take'> = (context, [x], { axis, indices }, [shape]) => {
  const flat = axis === null ? [sizeOf(x.shape)] : x.shape;
  const along = axis ?? 0;
  // Positions at equal distances are a view, and what x was opened for serves it, too.
  const range = evenRange(indices);
  const cut = [...new Array<undefined>(along).fill(undefined), range];
  if (isOwned(x) && range) return [x.reshape(flat).slice(cut).reshape(shape)];
  const secret = secretOf(context, x);
  return [
    secret.moved((share) => {
      const row = share.reshaped(flat);
      const parts = range
        ? secret.engine.view(row, sliceView(flat, cut))
        : secret.engine.take(row, along, indices);
      const shaped = parts.reshaped(shape);
      for (const handle of [row, parts]) handle.dispose();
      return shaped;
    }),
  ];
};

/** Positions as a range, if their distances are equal. */
function evenRange(indices: readonly number[]) {
  const [first, second = first + 1] = indices;
  const step = second - first;
  if (indices.length === 0 || step === 0 || indices.some((place, i) => place !== first + i * step))
    return undefined;
  // An end before the first element would count from the back.
  const last = first + indices.length * step;
  return { start: first, step, ...(last >= 0 && { stop: last }) };
}

function ranges(shape: readonly number[], { axes, starts, ends, steps }: Attributes<'Slice'>) {
  return shape.map((_, axis) => {
    const i = axes.indexOf(axis);
    return i < 0 ? undefined : { start: starts[i], stop: ends[i], step: steps[i] };
  });
}

export const concat = onSecrets<'Concat'>((inputs, { axis }) => {
  const [head] = inputs;
  const { precision } = head.context;
  const magnitude = Math.max(...inputs.map((x) => x.magnitude));
  const scale = Math.max(...inputs.map((x) => x.scale));
  const fitting = precision.fits(magnitude, scale) ? inputs : inputs.map((x) => x.narrow());
  const common = Math.max(...fitting.map((x) => x.scale));
  const parts = fitting.map((x) => x.atScale(common).share);
  return head.with(head.engine.concat(parts, axis), { scale: common, magnitude });
});

export const pad = onSecrets<'Pad'>((inputs, { pads, value }) => {
  const cropped = crop(inputs[0], pads);
  // What one end crops beyond the elements that are there comes off the other end's padding.
  const { shape, rank } = inputs[0];
  const amounts = pads.map((p, i) => {
    const beyond = -pads[(i + rank) % (2 * rank)] - shape[i % rank];
    return Math.max(0, p) - Math.max(0, beyond);
  });
  if (amounts.every((p) => p === 0)) return cropped;
  const exact = Number.isInteger(value * 2 ** cropped.scale);
  const wide = exact ? cropped : cropped.withFractions();
  const word = wide.engine.ring.encode([value], wide.scale)[0];
  const magnitude = wide.context.precision.bounded(Math.max(wide.magnitude, magnitudeOf([value])));
  return wide.with(wide.engine.pad(wide.share, amounts, word), { magnitude });
});

/** Negative amounts take elements away. */
function crop(x: FixedPoint, pads: readonly number[]): FixedPoint {
  if (pads.every((p) => p >= 0)) return x;
  const cut = x.shape.map((size, i) => ({
    start: Math.min(size, Math.max(0, -pads[i])),
    stop: Math.max(0, size - Math.max(0, -pads[i + x.rank])),
  }));
  return x.with(x.engine.view(x.share, sliceView(x.shape, cut)));
}
