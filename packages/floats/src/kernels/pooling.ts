/** Maxima and means of windows, with their gradients. Of equal elements, the first of a window has the maximum. */
import { type Attributes, asWindow2d, type Linearization, poolCounts, type Window2d } from '@tacit/graph';
import type { FloatTensor, Machine } from '../machine.js';

/** The taps [from, to) of a window that lie inside of an axis of that size. */
function inside(start: number, kernel: number, dilation: number, size: number): readonly [number, number] {
  const from = start >= 0 ? 0 : Math.ceil(-start / dilation);
  return [from, Math.min(kernel, Math.ceil((size - start) / dilation))];
}

/** Calls f for each window with its number, its first place in x, and the taps along both axes that lie inside. */
function eachWindow(
  w: Window2d,
  planes: number,
  f: (window: number, start: number, up: number, down: number, left: number, right: number) => void,
): void {
  const columns = Array.from({ length: w.outWidth }, (_, j) => {
    const start = j * w.strides[1] - w.pads[1];
    return [start, ...inside(start, w.kernel[1], w.dilations[1], w.width)] as const;
  });
  let window = 0;
  for (let plane = 0; plane < planes; plane++)
    for (let i = 0; i < w.outHeight; i++) {
      const top = i * w.strides[0] - w.pads[0];
      const [up, down] = inside(top, w.kernel[0], w.dilations[0], w.height);
      const row = (plane * w.height + top) * w.width;
      for (const [start, left, right] of columns) f(window++, row + start, up, down, left, right);
    }
}

/** For each window the place of its maximum; -1 where it lies in padding. */
function winners(x: FloatTensor, shape: readonly number[], attributes: Attributes<'MaxPool'>): Int32Array {
  const w = asWindow2d(x.shape, shape, attributes);
  const places = new Int32Array(shape.reduce((size, d) => size * d, 1));
  const [stepY, stepX] = [w.dilations[0] * w.width, w.dilations[1]];
  const { data } = x;
  eachWindow(w, shape[0] * shape[1], (window, start, up, down, left, right) => {
    let [best, place] = [-Infinity, -1];
    for (let ky = up; ky < down; ky++)
      for (let kx = left; kx < right; kx++) {
        const at = start + ky * stepY + kx * stepX;
        const value = data[at];
        if (value > best || place < 0 || (Number.isNaN(value) && !Number.isNaN(best))) {
          best = value;
          place = at;
        }
      }
    places[window] = place;
  });
  return places;
}

export function maxPool(
  m: Machine,
  [x]: readonly FloatTensor[],
  attributes: Attributes<'MaxPool'>,
  [shape]: readonly (readonly number[])[],
): readonly FloatTensor[] {
  const y = m.take(shape);
  winners(x, shape, attributes).forEach((place, i) => {
    y.data[i] = place < 0 ? -Infinity : x.data[place];
  });
  return [y];
}

export function maxPoolGradient(
  m: Machine,
  { inputs: [x], dy: [dy], attributes }: Linearization<FloatTensor, Attributes<'MaxPool'>>,
): readonly FloatTensor[] {
  const dx = m.zeros(x.shape);
  winners(x, dy.shape, attributes).forEach((place, i) => {
    if (place >= 0) dx.data[place] += dy.data[i];
  });
  return [dx];
}

export function averagePool(
  m: Machine,
  [x]: readonly FloatTensor[],
  attributes: Attributes<'AveragePool'>,
  [shape]: readonly (readonly number[])[],
): readonly FloatTensor[] {
  const w = asWindow2d(x.shape, shape, attributes);
  const counts = poolCounts(x.shape, shape, attributes).data;
  const [stepY, stepX] = [w.dilations[0] * w.width, w.dilations[1]];
  const y = m.take(shape);
  eachWindow(w, shape[0] * shape[1], (window, start, up, down, left, right) => {
    let sum = 0;
    for (let ky = up; ky < down; ky++)
      for (let kx = left; kx < right; kx++) sum += x.data[start + ky * stepY + kx * stepX];
    y.data[window] = sum / counts[window % counts.length];
  });
  return [y];
}

export function averagePoolGradient(
  m: Machine,
  { inputs: [x], dy: [dy], attributes }: Linearization<FloatTensor, Attributes<'AveragePool'>>,
): readonly FloatTensor[] {
  const w = asWindow2d(x.shape, dy.shape, attributes);
  const counts = poolCounts(x.shape, dy.shape, attributes).data;
  const [stepY, stepX] = [w.dilations[0] * w.width, w.dilations[1]];
  const dx = m.zeros(x.shape);
  eachWindow(w, dy.shape[0] * dy.shape[1], (window, start, up, down, left, right) => {
    const share = dy.data[window] / counts[window % counts.length];
    for (let ky = up; ky < down; ky++)
      for (let kx = left; kx < right; kx++) dx.data[start + ky * stepY + kx * stepX] += share;
  });
  return [dx];
}
