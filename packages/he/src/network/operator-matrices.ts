/** The matrix (and shift) of each linear primitive. Shapes have been checked. */
import { type Attributes, broadcast, broadcastTo, type PlainTensor, poolCounts } from '@tacit/graph';
import { sizeOf } from './network.js';
import { type SparseMatrix, SparseRows } from './sparse-matrix.js';

/**
 * A matrix product with one known factor, as a function of the other.
 * @param shapes of both factors; vectors are rows on the left and columns on the right
 * @param known the known factor
 * @param side where it stands: 0 left, 1 right
 * @returns elements of the product by elements of the other factor
 */
export function matMulMatrix(
  [left, right]: readonly (readonly number[])[],
  known: PlainTensor,
  side: 0 | 1,
): SparseMatrix {
  const a = left.length === 1 ? [1, ...left] : left;
  const b = right.length === 1 ? [...right, 1] : right;
  const batch = broadcast(a.slice(0, -2), b.slice(0, -2)) as number[];
  const [m, k] = a.slice(-2);
  const n = b[b.length - 1];
  const lefts = indices(a, [...batch, m, k]);
  const rights = indices(b, [...batch, k, n]);
  const rows = new SparseRows(sizeOf(side === 0 ? b : a));
  for (let row = 0; row < sizeOf(batch) * m; row++)
    for (let column = 0; column < n; column++) {
      for (let i = 0; i < k; i++) {
        const x = lefts[row * k + i];
        const y = rights[(Math.floor(row / m) * k + i) * n + column];
        if (side === 0) rows.add(y, known.data[x]);
        else rows.add(x, known.data[y]);
      }
      rows.endRow();
    }
  return rows.finish();
}

/** Index of the element that each element of the broadcast tensor repeats. */
const indices = (shape: readonly number[], result: readonly number[]): Float64Array =>
  broadcastTo({ shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => i) }, result).data;

type Window = Pick<Attributes<'Conv'>, 'kernel' | 'strides' | 'dilations' | 'pads'>;

/** Calls `visit(offset in the plane, index in the kernel)` for every tap that falls inside of the input. */
function forTaps(
  window: Window,
  spatial: readonly number[],
  position: readonly number[],
  visit: (offset: number, tap: number) => void,
): void {
  const axes = spatial.length;
  const descend = (axis: number, offset: number, tap: number) => {
    if (axis === axes) {
      visit(offset, tap);
      return;
    }
    const size = spatial[axis];
    const kernel = window.kernel[axis];
    const start = position[axis] * window.strides[axis] - window.pads[axis];
    for (let k = 0; k < kernel; k++) {
      const at = start + k * window.dilations[axis];
      if (at >= 0 && at < size) descend(axis + 1, offset * size + at, tap * kernel + k);
    }
  };
  descend(0, 0, 0);
}

/** Positions of the output in row-major order. */
function* positions(shape: readonly number[]): Generator<readonly number[]> {
  const total = sizeOf(shape);
  for (let i = 0; i < total; i++) {
    const position = new Array<number>(shape.length);
    let rest = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis];
      position[axis] = rest % size;
      rest = Math.floor(rest / size);
    }
    yield position;
  }
}

/**
 * A convolution as a function of its input.
 * @param attributes attributes of the operation
 * @param input shape [N, C, ...spatial]
 * @param output shape [N, O, ...spatial]
 * @param weight [O, C / group, ...kernel]
 * @param bias [O]; left out: none
 * @returns the matrix, and the bias of every element of the output
 */
export function convMatrix(
  attributes: Attributes<'Conv'>,
  input: readonly number[],
  output: readonly number[],
  weight: PlainTensor,
  bias?: PlainTensor,
): { matrix: SparseMatrix; shift: Float64Array } {
  const [images = 1, channels = 1] = input;
  const [outChannels = 1, groupChannels = 1] = weight.shape;
  const spatial = input.slice(2);
  const plane = sizeOf(spatial);
  const outSpatial = output.slice(2);
  const taps = sizeOf(attributes.kernel);
  const perGroup = outChannels / attributes.group;
  const rows = new SparseRows(sizeOf(input));
  const shift = new Float64Array(sizeOf(output));
  let row = 0;
  for (let filter = 0; filter < images * outChannels; filter++) {
    const o = filter % outChannels;
    const image = Math.floor(filter / outChannels);
    const firstChannel = image * channels + Math.floor(o / perGroup) * groupChannels;
    for (const position of positions(outSpatial)) {
      forTaps(attributes, spatial, position, (offset, tap) => {
        for (let c = 0; c < groupChannels; c++)
          rows.add((firstChannel + c) * plane + offset, weight.data[(o * groupChannels + c) * taps + tap]);
      });
      rows.endRow();
      shift[row++] = bias?.data[o] ?? 0;
    }
  }
  return { matrix: rows.finish(), shift };
}

/**
 * An average pool.
 * @param attributes attributes of the operation
 * @param input shape [N, C, ...spatial]
 * @param output shape [N, C, ...spatial]
 * @returns its matrix
 */
export function poolMatrix(
  attributes: Attributes<'AveragePool'>,
  input: readonly number[],
  output: readonly number[],
): SparseMatrix {
  const spatial = input.slice(2);
  const plane = sizeOf(spatial);
  const counts = poolCounts(input, output, attributes).data;
  const rows = new SparseRows(sizeOf(input));
  for (let c = 0; c < sizeOf(input.slice(0, 2)); c++) {
    let window = 0;
    for (const position of positions(output.slice(2))) {
      const share = 1 / counts[window++];
      forTaps(attributes, spatial, position, (offset) => rows.add(c * plane + offset, share));
      rows.endRow();
    }
  }
  return rows.finish();
}

/**
 * Sums over axes.
 * @param input shape of what is summed
 * @param axes axes that go
 * @returns the matrix of the sums
 */
export function sumMatrix(input: readonly number[], axes: readonly number[]): SparseMatrix {
  const kept = input.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const members: number[][] = Array.from({ length: sizeOf(kept) }, () => []);
  for (const [element, sum] of indices(kept, input).entries()) members[sum].push(element);
  const rows = new SparseRows(sizeOf(input));
  for (const elements of members) {
    for (const element of elements) rows.add(element, 1);
    rows.endRow();
  }
  return rows.finish();
}
