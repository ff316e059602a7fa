/** Plain definitions, element by element, of what the engine suite compares with. */
import type { Bilinear, MaxPoolWindow, StridedView, WindowGeometry } from '@tacit/mpc';
import { type Numbers, sizeOf, wrap } from './numbers.js';

/** A tensor of a shape, each element from its index. */
export function tensor(shape: readonly number[], at: (index: readonly number[]) => bigint): Numbers {
  const index = shape.map(() => 0);
  const values = Array.from({ length: sizeOf(shape) }, () => {
    const value = wrap(at([...index]));
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
    return value;
  });
  return { shape, values };
}

/** The element at an index; 0 outside. */
export function at({ shape, values }: Numbers, ...index: number[]): bigint {
  let place = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    if (index[axis] < 0 || index[axis] >= shape[axis]) return 0n;
    place = place * shape[axis] + index[axis];
  }
  return values[place];
}

export const view = ({ values }: Numbers, { shape, strides, offset }: StridedView): Numbers =>
  tensor(shape, (index) => values[index.reduce((place, i, axis) => place + i * strides[axis], offset)]);

export function concat(parts: readonly Numbers[], axis: number): Numbers {
  const shape = [...parts[0].shape];
  shape[axis] = parts.reduce((n, part) => n + part.shape[axis], 0);
  return tensor(shape, (index) => {
    const moved = [...index];
    for (const part of parts) {
      if (moved[axis] < part.shape[axis]) return at(part, ...moved);
      moved[axis] -= part.shape[axis];
    }
    return 0n;
  });
}

export function take(x: Numbers, axis: number, positions: readonly number[]): Numbers {
  const shape = x.shape.map((d, i) => (i === axis ? positions.length : d));
  return tensor(shape, (index) => at(x, ...index.map((i, a) => (a === axis ? positions[i] : i))));
}

export function pad(x: Numbers, pads: readonly number[], word: bigint): Numbers {
  const rank = x.shape.length;
  return tensor(
    x.shape.map((d, i) => d + pads[i] + pads[i + rank]),
    (index) => {
      const inner = index.map((i, axis) => i - pads[axis]);
      return inner.every((i, axis) => i >= 0 && i < x.shape[axis]) ? at(x, ...inner) : word;
    },
  );
}

export function sum(x: Numbers, axes: readonly number[], keepDims: boolean): Numbers {
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const totals = tensor(kept, (index) => {
    const whole = tensor(x.shape, (i) =>
      i.every((v, axis) => axes.includes(axis) || v === index[axis]) ? at(x, ...i) : 0n,
    );
    return whole.values.reduce((a, b) => a + b, 0n);
  });
  return keepDims ? totals : { ...totals, shape: x.shape.filter((_, i) => !axes.includes(i)) };
}

/** Sizes of a window's output. */
function outputs(x: Numbers, { kernel, stride, dilation, pads }: WindowGeometry): [number, number] {
  const along = (axis: 0 | 1) =>
    Math.floor(
      (x.shape[axis + 2] + pads[axis] + pads[axis + 2] - dilation[axis] * (kernel[axis] - 1) - 1) /
        stride[axis],
    ) + 1;
  return [along(0), along(1)];
}

/** Places of a window in the image, row and column by place in the kernel. */
const places = (kernel: readonly [number, number]): [number, number][] =>
  Array.from({ length: kernel[0] * kernel[1] }, (_, i) => [Math.floor(i / kernel[1]), i % kernel[1]]);

export function windowSum(x: Numbers, geometry: WindowGeometry): Numbers {
  const { kernel, stride, dilation, pads } = geometry;
  return tensor([x.shape[0], x.shape[1], ...outputs(x, geometry)], ([b, c, i, j]) =>
    places(kernel).reduce(
      (total, [k, l]) =>
        total +
        at(x, b, c, i * stride[0] - pads[0] + k * dilation[0], j * stride[1] - pads[1] + l * dilation[1]),
      0n,
    ),
  );
}

export function maxPool(
  x: Numbers,
  { kernel, stride, dilation, before, outputSize }: MaxPoolWindow,
): Numbers {
  return tensor([x.shape[0], x.shape[1], ...outputSize], ([b, c, i, j]) => {
    const inside = places(kernel)
      .map(([k, l]) => [
        i * stride[0] - before[0] + k * dilation[0],
        j * stride[1] - before[1] + l * dilation[1],
      ])
      .filter(([row, column]) => row >= 0 && row < x.shape[2] && column >= 0 && column < x.shape[3])
      .map(([row, column]) => at(x, b, c, row, column));
    return inside.reduce((p, q) => (p > q ? p : q));
  });
}

/** f(a, b) of operands whose shapes may be flattened. */
export function bilinear(f: Bilinear, a: Numbers, b: Numbers, shape: readonly number[]): Numbers {
  switch (f.op) {
    case 'mul':
      return { shape, values: a.values.map((v, i) => wrap(v * b.values[i])) };
    case 'matmul': {
      const left = { shape: [f.batch, f.m, f.k], values: a.values };
      const right = { shape: [f.batch, f.k, f.n], values: b.values };
      const product = tensor([f.batch, f.m, f.n], ([batch, i, j]) =>
        Array.from({ length: f.k }, (_, k) => at(left, batch, i, k) * at(right, batch, k, j)).reduce(
          (p, q) => p + q,
          0n,
        ),
      );
      return { shape, values: product.values };
    }
    case 'conv2d': {
      const { kernel, stride = [1, 1], dilation = [1, 1], pads = [0, 0, 0, 0], groups = 1 } = f.params;
      const channels = f.params.inChannels / groups;
      const perGroup = f.params.outChannels / groups;
      return tensor(shape, ([batch, o, i, j]) => {
        let total = 0n;
        for (let c = 0; c < channels; c++)
          for (const [k, l] of places(kernel)) {
            const row = i * stride[0] - pads[0] + k * dilation[0];
            const column = j * stride[1] - pads[1] + l * dilation[1];
            total += at(a, batch, Math.floor(o / perGroup) * channels + c, row, column) * at(b, o, c, k, l);
          }
        return total;
      });
    }
  }
}
