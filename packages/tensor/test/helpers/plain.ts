/** Slow, obvious versions of what tensors do, in double precision. */
export interface Nd {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Calls f with every index of a shape, in row-major order. */
export function eachIndex(shape: readonly number[], f: (index: number[], at: number) => void): void {
  const index = shape.map(() => 0);
  for (let at = 0; at < sizeOf(shape); at++) {
    f([...index], at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

/** The element at an index; axes of size 1 and missing leading axes broadcast. */
export function at({ shape, data }: Nd, index: readonly number[]): number {
  let offset = 0;
  const skipped = index.length - shape.length;
  shape.forEach((d, axis) => {
    offset = offset * d + (d === 1 ? 0 : index[axis + skipped]);
  });
  return data[offset];
}

export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - (rank - a.length)] ?? 1;
    const y = b[i - (rank - b.length)] ?? 1;
    return x === 1 ? y : x;
  });
}

export function make(shape: readonly number[], f: (index: number[]) => number): Nd {
  const data = new Float64Array(sizeOf(shape));
  eachIndex(shape, (index, i) => {
    data[i] = f(index);
  });
  return { shape, data };
}

export const binary = (a: Nd, b: Nd, f: (x: number, y: number) => number): Nd =>
  make(broadcastShape(a.shape, b.shape), (i) => f(at(a, i), at(b, i)));

export function matmul(a: Nd, b: Nd): Nd {
  const left = a.shape.length === 1 ? { shape: [1, ...a.shape], data: a.data } : a;
  const right = b.shape.length === 1 ? { shape: [...b.shape, 1], data: b.data } : b;
  const k = left.shape[left.shape.length - 1];
  const batch = broadcastShape(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const full = make([...batch, left.shape.at(-2) ?? 1, right.shape.at(-1) ?? 1], (index) => {
    const head = index.slice(0, -2);
    const [i, j] = index.slice(-2);
    let sum = 0;
    for (let q = 0; q < k; q++) sum += at(left, [...head, i, q]) * at(right, [...head, q, j]);
    return sum;
  });
  const shape = [
    ...batch,
    ...(a.shape.length === 1 ? [] : [left.shape.at(-2) ?? 1]),
    ...(b.shape.length === 1 ? [] : [right.shape.at(-1) ?? 1]),
  ];
  return { shape, data: full.data };
}

export interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
}

const outputs = (size: number, k: number, s: number, d: number, before: number, after: number) =>
  Math.floor((size + before + after - d * (k - 1) - 1) / s) + 1;

export function windows(shape: readonly number[], w: Window): [number, number] {
  return [
    outputs(shape[2], w.kernel[0], w.stride[0], w.dilation[0], w.pads[0], w.pads[2]),
    outputs(shape[3], w.kernel[1], w.stride[1], w.dilation[1], w.pads[1], w.pads[3]),
  ];
}

export function conv2d(x: Nd, w: Nd, groups: number, window: Window): Nd {
  const [batch, , height, width] = x.shape;
  const [outChannels, perGroup, kh, kw] = w.shape;
  return make([batch, outChannels, ...windows(x.shape, window)], ([n, o, i, j]) => {
    const first = Math.floor(o / (outChannels / groups)) * perGroup;
    let sum = 0;
    for (let c = 0; c < perGroup; c++)
      for (let p = 0; p < kh; p++)
        for (let q = 0; q < kw; q++) {
          const row = i * window.stride[0] + p * window.dilation[0] - window.pads[0];
          const column = j * window.stride[1] + q * window.dilation[1] - window.pads[1];
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          sum += at(x, [n, first + c, row, column]) * at(w, [o, c, p, q]);
        }
    return sum;
  });
}

export function averagePool(x: Nd, window: Window, includePad: boolean): Nd {
  const [batch, channels, height, width] = x.shape;
  return make([batch, channels, ...windows(x.shape, window)], ([n, c, i, j]) => {
    let sum = 0;
    let count = 0;
    for (let p = 0; p < window.kernel[0]; p++)
      for (let q = 0; q < window.kernel[1]; q++) {
        const row = i * window.stride[0] + p - window.pads[0];
        const column = j * window.stride[1] + q - window.pads[1];
        const inside = row >= 0 && row < height && column >= 0 && column < width;
        if (inside) sum += at(x, [n, c, row, column]);
        if (inside || includePad) count++;
      }
    return sum / count;
  });
}
