/**
 * A layer while it is locked: the numbers as they are, the bounds that they must stay within, and where they were changed.
 *
 * Bounds are of the untouched tensor W: from min W + d (max W - min W) to max W - d (max W - min W) for a boundary distance
 * d (AdvParams, arXiv 2105.13697), so that a changed weight looks like any other.
 */
import { bitsOf, type FloatType, numbersOfBytes, readBits, roundWithin } from './number-bits.js';

/** What may become of a weight. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
  /** max W - min W. */
  readonly range: number;
}

/**
 * The bounds of a layer.
 * @param values its untouched weights; those that are not finite are passed over
 * @param distance from 0, the whole range, to 0.5, its middle
 * @returns the bounds; a range of 0 where there are not two different numbers
 * @example boundsOf(Float64Array.of(-1, 0, 3), 0.25); // { low: 0, high: 2, range: 4 }
 */
export function boundsOf(values: Float64Array, distance: number): Bounds {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return { low: 0, high: 0, range: 0 };
  const range = high - low;
  return { low: low + distance * range, high: high - distance * range, range };
}

/** A weight that differs from what it was. */
export interface Change {
  readonly index: number;
  readonly original: bigint;
  readonly locked: bigint;
}

/** A layer of a model that is being locked. */
export class Layer {
  readonly name: string;
  readonly type: FloatType;
  readonly shape: readonly number[];
  readonly bounds: Bounds;
  /** The weights now: each is exactly a number of the type. */
  readonly values: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #moved = new Map<number, number>();

  /**
   * @param name of the initializer
   * @param type of its numbers
   * @param shape sizes of its axes
   * @param bytes its numbers, little-endian; not changed
   * @param distance see `boundsOf`
   */
  constructor(name: string, type: FloatType, shape: readonly number[], bytes: Uint8Array, distance: number) {
    this.name = name;
    this.type = type;
    this.shape = shape;
    this.#bytes = bytes;
    this.values = numbersOfBytes(bytes, type);
    this.bounds = boundsOf(this.values, distance);
  }

  /** How many weights were moved, whether or not they came back to where they were. */
  get moved(): number {
    return this.#moved.size;
  }

  /** Whether a weight was moved before. */
  wasMoved(index: number): boolean {
    return this.#moved.has(index);
  }

  /**
   * Where a weight comes by a step: rounded to the type, within the bounds.
   * @param index of the weight
   * @param step signed
   * @returns the number, or undefined where there is none
   */
  target(index: number, step: number): number | undefined {
    const { low, high } = this.bounds;
    const value = Math.min(Math.max(this.values[index] + step, low), high);
    return roundWithin(value, this.type, low, high);
  }

  /** Moves a weight, or puts it back where it was in the file. */
  move(index: number, value: number): void {
    if (!this.#moved.has(index)) this.#moved.set(index, this.values[index]);
    this.values[index] = value;
  }

  /** What became of the weights that are not what they were, in the order of the tensor. */
  changes(): Change[] {
    return [...this.#moved.keys()]
      .sort((a, b) => a - b)
      .flatMap((index) => {
        const original = readBits(this.#bytes, index, this.type);
        // A weight that came back has its own bits again, -0 too.
        if (this.values[index] === this.#moved.get(index)) return [];
        return [{ index, original, locked: bitsOf(this.values[index], this.type) }];
      });
  }

  /** How many weights are not what they were. */
  get changed(): number {
    let count = 0;
    for (const [index, value] of this.#moved) if (this.values[index] !== value) count++;
    return count;
  }

  /** The weights before anything was moved. */
  original(): Float64Array {
    return numbersOfBytes(this.#bytes, this.type);
  }
}
