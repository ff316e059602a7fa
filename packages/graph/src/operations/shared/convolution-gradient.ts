/**
 * Cotangents of a convolution, as convolutions (Dumoulin, Visin: "A guide to convolution arithmetic for deep learning",
 * section 4): of the input with the cotangent dilated by the stride and the kernel turned around, of the weights with
 * the cotangent as the kernel.
 */
import type { Operations } from '../../operation/operations.js';
import { at } from '../../shape/dims.js';
import type { ConvAttributes } from '../conv.js';

/** Cotangent of x [N, C, ...spatial]. */
export function inputCotangent<T>(
  k: Operations<T>,
  shape: readonly number[],
  weight: T,
  dy: T,
  { kernel, strides, dilations, pads, group }: ConvAttributes,
): T {
  const axes = kernel.length;
  const [outputs, perGroup] = k.shapeOf(weight);
  const wide = dilate(k, dy, strides);
  const size = k.shapeOf(wide);
  const before = kernel.map((d, i) => (d - 1) * dilations[i] - pads[i]);
  // Positions at the end that no window covered get zeros.
  const after = kernel.map((d, i) => {
    const reach = (d - 1) * dilations[i];
    return at(shape, i + 2) - (size[i + 2] + before[i] - reach);
  });
  const padded = k.pad(wide, { pads: [0, 0, ...before, 0, 0, ...after], value: 0 });
  const split = [group, outputs / group, perGroup, ...kernel];
  const perm = [0, 2, 1, ...kernel.map((_, i) => i + 3)];
  const swapped = k.transpose(reshape(k, weight, split), { perm });
  const turned = flip(k, reshape(k, swapped, [group * perGroup, outputs / group, ...kernel]), axes);
  const ones = kernel.map(() => 1);
  return k.conv(padded, turned, {
    kernel,
    strides: ones,
    dilations,
    pads: [...ones, ...ones].map(() => 0),
    group,
  });
}

/** Cotangent of the weights [O, C / group, ...kernel]. */
export function weightCotangent<T>(
  k: Operations<T>,
  x: T,
  shape: readonly number[],
  dy: T,
  { kernel, strides, dilations, pads, group }: ConvAttributes,
): T {
  const axes = kernel.map((_, i) => i);
  const [batch, channels, ...spatial] = k.shapeOf(x);
  const [, outputs, ...out] = k.shapeOf(dy);
  const perGroup = channels / group;
  // Channels become the batch, examples the channels; groups stay groups.
  const image = reshape(
    k,
    k.transpose(reshape(k, x, [batch, group, perGroup, ...spatial]), {
      perm: [2, 1, 0, ...axes.map((i) => i + 3)],
    }),
    [perGroup, group * batch, ...spatial],
  );
  const taps = k.transpose(dy, { perm: [1, 0, ...axes.map((i) => i + 2)] });
  const full = k.conv(image, taps, { kernel: out, strides: dilations, dilations: strides, pads, group });
  const cut = k.slice(full, {
    axes: axes.map((i) => i + 2),
    starts: axes.map(() => 0),
    ends: [...kernel],
    steps: axes.map(() => 1),
  });
  const turned = k.transpose(cut, { perm: [1, 0, ...axes.map((i) => i + 2)] });
  return reshape(k, turned, [outputs, ...shape.slice(1)]);
}

const reshape = <T>(k: Operations<T>, x: T, shape: readonly number[]): T =>
  k.reshape(x, { shape, allowZero: true });

/** Zeros between neighbours along the spatial axes: size d becomes (d - 1) stride + 1. */
function dilate<T>(k: Operations<T>, x: T, strides: readonly number[]): T {
  if (strides.every((stride) => stride === 1)) return x;
  const [batch, channels, ...spatial] = k.shapeOf(x);
  const lone = [batch, channels, ...spatial.flatMap((d) => [d, 1])];
  const pads = [...lone.map(() => 0), 0, 0, ...strides.flatMap((stride) => [0, stride - 1])];
  const padded = k.pad(reshape(k, x, lone), { pads, value: 0 });
  const joined = reshape(k, padded, [batch, channels, ...spatial.map((d, i) => d * strides[i])]);
  return k.slice(joined, {
    axes: spatial.map((_, i) => i + 2),
    starts: spatial.map(() => 0),
    ends: spatial.map((d, i) => (d - 1) * strides[i] + 1),
    steps: spatial.map(() => 1),
  });
}

/** Turned around along the last axes. */
export function flip<T>(k: Operations<T>, x: T, axes: number): T {
  const shape = k.shapeOf(x);
  const list = Array.from({ length: axes }, (_, i) => shape.length - axes + i);
  return k.slice(x, {
    axes: list,
    starts: list.map((axis) => shape[axis] - 1),
    ends: list.map((axis) => -shape[axis] - 1),
    steps: list.map(() => -1),
  });
}
