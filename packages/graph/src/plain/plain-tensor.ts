/** Plain tensors in double precision: the values of constants, of public arithmetic and of the plain backend. */
import { ShapeError } from '@tacit/errors';
import { at, broadcast, sizeOf } from '../shape/dims.js';
import { type Numbers, numbersOf, withSingles } from './numbers.js';

/** Row-major. */
export interface PlainTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/**
 * A tensor of a shape from its elements.
 * @param shape sizes of the axes
 * @param data elements, row-major
 * @returns the tensor
 * @throws ShapeError where the elements do not fill the shape
 * @example plainTensor([2, 2], [1, 2, 3, 4]);
 */
export function plainTensor(shape: readonly number[], data: ArrayLike<number>): PlainTensor {
  const values = data instanceof Float64Array ? data : Float64Array.from(data);
  if (values.length !== sizeOf(shape))
    throw new ShapeError(`shape [${shape.join(', ')}] does not hold ${values.length} elements`);
  return { shape, data: values };
}

/**
 * Row-major strides.
 * @param shape sizes of the axes
 * @returns step of each axis in elements
 * @example stridesOf([2, 3]); // [ 3, 1 ]
 */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = at(strides, axis + 1) * at(shape, axis + 1);
  return strides;
}

/**
 * Calls `visit(position, offset)` over `shape` in row-major order, where offset follows the given strides.
 * @param shape sizes of the axes
 * @param strides step of each axis in elements
 * @param start offset of the first element
 * @param visit function that is called
 * @example walk([2, 2], [1, 2], 0, (position, offset) => { out[position] = x[offset]; }); // transposes
 */
export function walk(
  shape: readonly number[],
  strides: readonly number[],
  start: number,
  visit: (position: number, offset: number) => void,
): void {
  const total = sizeOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  let offset = start;
  for (let position = 0; position < total; position++) {
    visit(position, offset);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      offset += stride;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        break;
      }
      offset -= next * stride;
      index[axis] = 0;
    }
  }
}

/**
 * Elements of `source` at the given strides: the kernel of transposing, slicing and broadcasting.
 * @param source flat array
 * @param shape sizes of the axes
 * @param strides step of each axis in elements
 * @param start offset of the first element
 * @returns the elements as a tensor of the shape, in the precision of the source
 * @example gatherStrided(Float64Array.of(1, 2, 3, 4), [2, 2], [1, 2]).data; // 1, 3, 2, 4
 */
export function gatherStrided<N extends Numbers>(
  source: N,
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): { readonly shape: readonly number[]; readonly data: N } {
  const data = (
    source instanceof Float32Array ? new Float32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape))
  ) as N;
  if (shape.length === 2) gatherMatrix(source, data, shape, strides, start);
  else
    walk(shape, strides, start, (position, offset) => {
      data[position] = source[offset] ?? 0;
    });
  return { shape, data };
}

/** Side of the squares that large matrices are gathered in: of a column, what a cache line holds is used at once. */
const SQUARE = 32;

function gatherMatrix(
  source: Numbers,
  data: Numbers,
  [rows, columns]: readonly number[],
  [down, across]: readonly number[],
  start: number,
): void {
  for (let top = 0; top < rows; top += SQUARE)
    for (let left = 0; left < columns; left += SQUARE) {
      const right = Math.min(left + SQUARE, columns);
      for (let i = top; i < Math.min(top + SQUARE, rows); i++)
        for (let j = left; j < right; j++) data[i * columns + j] = source[start + i * down + j * across] ?? 0;
    }
}

/**
 * Elements of a tensor at the given strides, in the precision that they are known in.
 * @param tensor values
 * @param shape sizes of the axes
 * @param strides step of each axis in elements
 * @param start offset of the first element
 * @returns the elements as a tensor of the shape
 * @example gatherTensor(plainTensor([2, 2], [1, 2, 3, 4]), [2, 2], [1, 2]).data; // 1, 3, 2, 4
 */
export function gatherTensor(
  tensor: PlainTensor,
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): PlainTensor {
  const { data } = gatherStrided(numbersOf(tensor), shape, strides, start);
  return data instanceof Float32Array ? withSingles({ shape }, data) : { shape, data };
}

/**
 * A tensor repeated to a shape that it broadcasts to.
 * @param tensor values
 * @param shape sizes of the axes
 * @returns a new tensor
 * @example broadcastTo(plainTensor([1, 2], [1, 2]), [2, 2]).data; // 1, 2, 1, 2
 */
export function broadcastTo(tensor: PlainTensor, shape: readonly number[]): PlainTensor {
  const lead = shape.length - tensor.shape.length;
  const own = stridesOf(tensor.shape);
  const strides = shape.map((_, axis) => ((tensor.shape[axis - lead] ?? 1) === 1 ? 0 : at(own, axis - lead)));
  return gatherStrided(tensor.data, shape, strides);
}

/**
 * Elementwise function of two tensors, with broadcasting.
 * @param a first operand
 * @param b second operand
 * @param compute function of the elements
 * @returns a tensor of the common shape
 * @throws ShapeError where the shapes do not broadcast together
 * @example zip(x, y, Math.max);
 */
export function zip(a: PlainTensor, b: PlainTensor, compute: (x: number, y: number) => number): PlainTensor {
  const shape = broadcast(a.shape, b.shape) as number[];
  const same = (tensor: PlainTensor) => tensor.data.length === sizeOf(shape);
  const left = same(a) ? a.data : broadcastTo(a, shape).data;
  const right = same(b) ? b.data : broadcastTo(b, shape).data;
  const data = new Float64Array(left.length);
  for (let i = 0; i < data.length; i++) data[i] = compute(left[i] as number, right[i] as number);
  return { shape, data };
}

/**
 * A function of each element.
 * @param tensor values
 * @param compute function of the elements
 * @returns a tensor of the same shape
 * @example map(x, Math.abs);
 */
export function map(tensor: PlainTensor, compute: (x: number, index: number) => number): PlainTensor {
  return { shape: tensor.shape, data: tensor.data.map((x, i) => compute(x, i)) };
}
