/**
 * Arithmetic of shapes whose dimensions may be symbols. With numbers throughout, results are numbers; a symbol that
 * meets arithmetic becomes `'?'`. Errors are `ShapeError`; the caller adds the operation.
 */
import { ShapeError } from '@tacit/errors';

/** A dimension: its size, or the name of a size that is not known yet. `'?'` is unknown and never equal to another size. */
export type Dim = number | string;
export type Shape = readonly Dim[];

export const UNKNOWN: Dim = '?';

/**
 * A dimension computed from one dimension.
 * @param dim a size, or a symbol
 * @param compute function of the size
 * @returns the result; `'?'` for a symbol
 * @example mapDim(4, (size) => size / 2); // 2
 */
export function mapDim(dim: Dim, compute: (size: number) => number): Dim {
  return typeof dim === 'number' ? compute(dim) : UNKNOWN;
}

/**
 * Product of dimensions; one symbol times ones stays that symbol.
 * @param dims sizes and symbols
 * @returns a size, a symbol, or `'?'`
 * @example product([2, 3]); // 6
 */
export function product(dims: Shape): Dim {
  let known = 1;
  let symbol: Dim | undefined;
  for (const dim of dims) {
    if (typeof dim === 'number') known *= dim;
    else symbol = symbol === undefined ? dim : UNKNOWN;
  }
  if (symbol === undefined) return known;
  return known === 1 ? symbol : UNKNOWN;
}

/**
 * Whether every size of a shape is known.
 * @param shape a shape, if there is one
 * @returns true if it is there and all numbers
 * @example isNumeric(['batch', 4]); // false
 */
export function isNumeric(shape: Shape | undefined): shape is readonly number[] {
  return shape?.every((dim) => typeof dim === 'number') ?? false;
}

/**
 * Number of elements of a numeric shape.
 * @param shape a shape, if there is one
 * @returns the product of the sizes; 1 for a scalar
 * @example sizeOf([2, 3]); // 6
 */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/**
 * Whether two shapes are equal, symbols included.
 * @param a one
 * @param b the other
 * @returns true if they have the same rank and dimensions
 * @example sameShape([2, 3], [2, 3]); // true
 */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/**
 * Whether two dimensions can be the same size.
 * @param a one
 * @param b the other
 * @returns true unless both sizes are known and differ
 * @example mayEqual('batch', 4); // true
 */
export function mayEqual(a: Dim, b: Dim): boolean {
  return typeof a !== 'number' || typeof b !== 'number' || a === b;
}

function broadcastDim(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return a;
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === 'number' && typeof b === 'number') return undefined;
  // One is a symbol: it must turn out to be 1 or the other's size, which is the result unless both are symbols.
  if (typeof a === 'number') return a;
  return typeof b === 'number' ? b : UNKNOWN;
}

/**
 * NumPy's broadcasting of any number of shapes.
 * @param shapes shapes of the operands
 * @returns the common shape
 * @throws ShapeError where two sizes differ and neither is 1
 * @example broadcast([2, 1], [3]); // [ 2, 3 ]
 */
export function broadcast(...shapes: readonly Shape[]): Dim[] {
  return shapes.reduce<Dim[]>((a, b) => {
    const rank = Math.max(a.length, b.length);
    return Array.from({ length: rank }, (_, axis) => {
      const dim = broadcastDim(a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1);
      if (dim === undefined)
        throw new ShapeError(`shapes ${show(a)} and ${show(b)} do not broadcast together`);
      return dim;
    });
  }, []);
}

/**
 * An element of a list that is long enough by what was checked before.
 * @param values the list
 * @param index position
 * @returns the element
 * @throws ShapeError where there is none
 * @example at(shape, 0);
 */
export function at<T>(values: ArrayLike<T>, index: number): T {
  const value = values[index];
  if (value === undefined)
    throw new ShapeError(`index ${index} is out of range for a list of ${values.length}`);
  return value;
}

/**
 * A shape as text, for errors.
 * @param shape a shape, if there is one
 * @returns the text
 * @example show([2, 3]); // '[2, 3]'
 */
export function show(shape: Shape | undefined): string {
  return shape === undefined ? '(unknown shape)' : `[${shape.join(', ')}]`;
}
