/** Where public indices point to in a tensor, row-major; and tensors written at such places. */
import { ShapeError } from '@tacit/errors';
import type { AttributeKind, OpenInts } from '../../operation/attributes.js';
import type { Operations } from '../../operation/operations.js';
import { type PlainTensor, stridesOf } from '../../plain/plain-tensor.js';
import { at, type Dim, type Shape, show, sizeOf } from '../../shape/dims.js';
import { normalizeIndex } from '../gather.js';
import { addAt } from './add-at.js';

/** Public indices of any shape. */
export interface IndexAttributes<L = readonly number[]> {
  /** Negative ones count from the back. */
  readonly indices: L;
  readonly shape: readonly number[];
}

export const INDEX_KINDS = { indices: 'public', shape: 'axes' } as const satisfies Record<
  string,
  AttributeKind
>;

/** Refuses indices that do not fill their shape. */
export function checkIndices({ indices, shape }: IndexAttributes<OpenInts>): void {
  if (sizeOf(shape) !== indices.length)
    throw new ShapeError(`${indices.length} indices do not fill the shape ${show(shape)}`);
}

/** Refuses indices that are out of range, as far as they and the size are known. */
export function checkRange(indices: OpenInts, size: Dim): void {
  if (Array.isArray(indices) && typeof size === 'number')
    for (const index of indices) normalizeIndex(index, size);
}

/** Indices that are known, counted from the front. */
export function fromFront(indices: OpenInts, size?: number): readonly number[] {
  if (!Array.isArray(indices)) throw new ShapeError('the indices are not known');
  return size === undefined ? indices : indices.map((index) => normalizeIndex(index, size));
}

/** Refuses indices along an axis that are out of range, or more of them along another axis than x has elements. */
export function checkElements(x: Shape, axis: number, attributes: IndexAttributes<OpenInts>): void {
  checkIndices(attributes);
  const { shape } = attributes;
  if (shape.length !== x.length)
    throw new ShapeError(`indices ${show(shape)} have ${shape.length} axes, and the tensor ${x.length}`);
  if (x.some((dim, i) => i !== axis && typeof dim === 'number' && shape[i] > dim))
    throw new ShapeError(`indices ${show(shape)} are longer than ${show(x)} beside axis ${axis}`);
  checkRange(attributes.indices, at(x, axis));
}

/** The place of x for each index along an axis, the others being those of the index itself. */
export function elementPlaces(
  x: readonly number[],
  axis: number,
  { indices, shape }: IndexAttributes,
): number[] {
  const strides = stridesOf(shape);
  return indices.map((index, i) =>
    x.reduce((place, size, a) => {
      const own = a === axis ? normalizeIndex(index, size) : Math.floor(i / strides[a]) % shape[a];
      return place * size + own;
    }, 0),
  );
}

/** Refuses lists of indices of blocks, along the axes behind `batch` ones, that are out of range. */
export function checkTuples(x: Shape, batch: number, attributes: IndexAttributes<OpenInts>): number {
  checkIndices(attributes);
  const { indices, shape } = attributes;
  const length = shape.at(-1);
  if (length === undefined || length + batch > x.length)
    throw new ShapeError(`the last axis of indices ${show(shape)} does not name axes of ${show(x)}`);
  if (!Array.isArray(indices)) return length;
  indices.forEach((index, i) => {
    const size = at(x, batch + (i % length));
    if (typeof size === 'number') normalizeIndex(index, size);
  });
  return length;
}

/** The block of x for each list of indices, counted over the axes that are named; the first `batch` axes are shared. */
export function blockPlaces(
  x: readonly number[],
  batch: number,
  { indices, shape }: IndexAttributes,
): number[] {
  const length = shape[shape.length - 1];
  const named = x.slice(batch, batch + length);
  const lists = sizeOf(shape.slice(0, -1));
  const each = lists / Math.max(1, sizeOf(shape.slice(0, batch)));
  return Array.from({ length: lists }, (_, i) =>
    named.reduce(
      (place, size, a) => place * size + normalizeIndex(indices[i * length + a], size),
      Math.floor(i / each),
    ),
  );
}

/** What becomes of what was there before: it is lost, or combined with what is written. */
export const REDUCTIONS = ['none', 'add', 'mul', 'max', 'min'] as const;
export type Reduction = (typeof REDUCTIONS)[number];

const COMBINE: Readonly<Record<Reduction, (old: number, own: number) => number>> = {
  none: (_, own) => own,
  add: (old, own) => old + own,
  mul: (old, own) => old * own,
  max: Math.max,
  min: Math.min,
};

/** x with blocks y written to, or combined with, what is at its places; of several written to one place the last stays. */
export function writeBlocks(
  x: PlainTensor,
  y: Float64Array,
  places: readonly number[],
  inner: number,
  reduction: Reduction,
): PlainTensor {
  const data = x.data.slice();
  const combine = COMBINE[reduction];
  places.forEach((place, i) => {
    for (let j = 0; j < inner; j++)
      data[place * inner + j] = combine(data[place * inner + j], y[i * inner + j]);
  });
  return { shape: x.shape, data };
}

/** The same as a composition. Products and extremes take their rounds once for each block that one place gets. */
export function composeBlocks<T>(
  k: Operations<T>,
  x: T,
  y: T,
  places: readonly number[],
  inner: number,
  reduction: Reduction,
): T {
  const shape = k.shapeOf(x);
  const blocks = sizeOf(shape) / Math.max(1, inner);
  const reshape = (value: T, to: readonly number[]) => k.reshape(value, { shape: to, allowZero: true });
  const parts = reshape(y, [1, places.length, inner]);
  if (inner === 0 || places.length === 0) return k.identity(x);
  const whole = reshape(x, [1, blocks, inner]);
  if (reduction === 'add') return reshape(k.add(whole, addAt(k, parts, places, blocks)), shape);
  if (reduction === 'none') return reshape(written(k, whole, parts, places), shape);
  const take = (value: T, indices: readonly number[]) =>
    k.take(value, { axis: 1, indices, shape: [indices.length] });
  const combined = turns(places).reduce((value, own) => {
    const targets = own.map((i) => places[i]);
    const [old, more] = [take(value, targets), take(parts, own)];
    const made = reduction === 'mul' ? k.mul(old, more) : k[reduction](old, more);
    return written(k, value, made, targets);
  }, whole);
  return reshape(combined, shape);
}

/** [1, blocks, inner] with parts in place of some blocks. */
function written<T>(k: Operations<T>, whole: T, parts: T, places: readonly number[]): T {
  const blocks = k.shapeOf(whole)[1];
  const from = Array.from({ length: blocks }, (_, i) => i);
  places.forEach((place, i) => {
    from[place] = blocks + i;
  });
  const both = k.concat(whole, parts, { axis: 1 });
  return k.take(both, { axis: 1, indices: from, shape: [blocks] });
}

/** Positions of places in turns, in each of which no place comes twice. */
function turns(places: readonly number[]): number[][] {
  const seen = new Map<number, number>();
  const found: number[][] = [];
  places.forEach((place, i) => {
    const turn = seen.get(place) ?? 0;
    seen.set(place, turn + 1);
    const own = found[turn] ?? [];
    own.push(i);
    found[turn] = own;
  });
  return found;
}
