/**
 * The one place that knows how many bits a fixed-point value may hold. A value v at scale s is held as v 2^s mod 2^64 and
 * must stay below 2^CAPACITY in magnitude; |v| <= 2^m for the public bound m that a `FixedPoint` carries, its magnitude.
 *
 * Most values have no known bound. For these |v| < 2^range is assumed (2^28 at 16 fraction bits): a program has to
 * ensure it, and operations choose their scales by it. Where more is known (bits, sigmoids, clipped values,
 * quotients), constants are kept with more bits.
 */
import type { Engine } from '@tacit/mpc';

/** Bits of precision that a public constant is kept with, relative to its size. */
const CONSTANT_BITS = 18;
/** The same of the inverse of a divisor, so that a quotient is right to a unit in the last place. */
export const INVERSE_BITS = 34;
/** Spare fraction bits that an operand of a product may carry before it is truncated. */
export const SPARE_BITS = 2;
/** Bits that products of two secrets may need beside the scales of their operands. */
const PRODUCT_RESERVE = 2;
/** The most terms that stand for a constant. */
const MOST_TERMS = 3;

/** Ranges and scales of a session's values. */
export class Precision {
  /** Fraction bits of a value at rest. */
  readonly fractionBits: number;
  /** |v 2^s| < 2^capacity. */
  readonly capacity: number;
  /** Values without a known bound are assumed to satisfy |v| < 2^range. */
  readonly range: number;

  /**
   * The ranges that follow from the settings of a session.
   * @param engine the engine, for its settings
   */
  constructor({ config, parties }: Engine) {
    this.fractionBits = config.fractionBits;
    // Two parties truncate whatever the window is; others, and exact truncations, need it.
    const whole = parties === 2 && config.truncation === 'probabilistic';
    this.capacity = (whole ? 64 : config.window) - 2;
    this.range = this.capacity - 2 * config.fractionBits - PRODUCT_RESERVE;
  }

  /** The magnitude of a value that is bounded by 2^m: what is promised of every value holds for it, too. */
  bounded = (m: number): number => Math.min(this.range, m);

  /** Whether values of that magnitude fit at that scale. */
  fits = (magnitude: number, scale: number): boolean => magnitude + scale <= this.capacity;

  /**
   * The scales of weights for products that add up 2^grows terms: one as a rule. What is chosen is public.
   * @param values the values to keep
   * @param grows log2 of how many products are added up
   * @param enough whether what is left of the weights may be dropped
   * @returns fraction bits of one or two terms
   */
  weightScales(values: Float64Array, grows: number, enough: (rest: Float64Array) => boolean): number[] {
    const terms = this.terms(values, this.fractionBits, this.range + grows, enough, {
      reserve: PRODUCT_RESERVE,
    });
    return terms.slice(0, 2).map(({ scale }) => scale);
  }

  /**
   * A constant as a sum of terms of rising scale for a product with x, |x| <= 2^magnitude at `scale`; most often one term
   * is enough. No term makes the product leave its range.
   * @param values the values to keep
   * @param scale fraction bits of the other factor
   * @param magnitude of the product with values of size 1: that of x, and the logarithm of how many are added up
   * @param enough whether what is left of the constant may be dropped
   * @param options bits of relative precision that are wanted, bits of the range to leave free
   * @returns the terms, of rising scale
   */
  terms(
    values: Float64Array,
    scale: number,
    magnitude: number,
    enough: (rest: Float64Array) => boolean,
    { bits = CONSTANT_BITS, reserve = 0 }: { readonly bits?: number; readonly reserve?: number } = {},
  ): ConstantTerm[] {
    const terms: ConstantTerm[] = [];
    let rest = values;
    do {
      const m = magnitudeOf(rest);
      // Of what is tiny beside everything that is kept, no more bits are kept than can be dropped again.
      const room = this.capacity - reserve - scale - Math.max(2, this.bounded(magnitude + m));
      const wanted = Math.max(this.fractionBits, bits - m);
      const most = Math.floor(Math.max(0, Math.min(room, wanted, 62 - Math.max(0, m))));
      const own = exactScale(rest, most) ?? most;
      const kept = rest.map((v) => Math.round(v * 2 ** own) / 2 ** own);
      if (terms.length > 0 && kept.every((v) => v === 0)) break;
      terms.push({ values: kept, scale: own, magnitude: m });
      rest = rest.map((v, i) => v - kept[i]);
    } while (terms.length < MOST_TERMS && !enough(rest));
    return terms;
  }
}

/** Numbers on the grid of 2^-scale. */
export interface ConstantTerm {
  readonly values: Float64Array;
  readonly scale: number;
  /** |values| <= 2^magnitude. */
  readonly magnitude: number;
}

/** The least scale, up to a most one, at which all values are on the grid; undefined if there is none. */
function exactScale(values: Float64Array, most: number): number | undefined {
  let scale = 0;
  for (const v of values) {
    while (scale <= most && !Number.isInteger(v * 2 ** scale)) scale++;
    if (scale > most) return undefined;
  }
  return scale;
}

/**
 * The least whole m with |v| <= 2^m for all values; that of a unit in the last place of everything for zeros.
 * @param values numbers
 * @returns a whole number, -62 at least
 * @example magnitudeOf([3, -5]); // 3
 */
export function magnitudeOf(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most === 0 ? -62 : Math.max(-62, Math.ceil(Math.log2(most)));
}

/**
 * Every number is kept to a relative precision of 2^-17 (or of 2^-bits).
 * @param values the values to keep
 * @param bits bits of relative precision; default 17
 * @returns whether what is left of the values may be dropped
 * @example const enough = eachPrecise(Float64Array.of(0.1, 3));
 */
export const eachPrecise =
  (values: Float64Array, bits = 17) =>
  (rest: Float64Array): boolean =>
    rest.every((r, i) => Math.abs(r) <= Math.abs(values[i]) * 2 ** -bits);

/** Weights below this in all their outputs belong to a feature of large numbers, and are kept relative to their size. */
const SMALL_FEATURE = 2 ** -10;

/**
 * The weights of no input are small altogether, or what is left of them is small beside the largest of them. A matrix is
 * kept to an absolute precision otherwise: its small weights stand beside large ones of the same input.
 * @param values the values to keep
 * @param inputOf the input that a weight multiplies
 * @returns whether what is left of the weights may be dropped
 * @example const enough = featuresPrecise(weights, (index) => Math.floor(index / outputs));
 */
export const featuresPrecise =
  (values: Float64Array, inputOf: (index: number) => number) =>
  (rest: Float64Array): boolean => {
    const largest = new Map<number, number>();
    const left = new Map<number, number>();
    values.forEach((v, i) => {
      const input = inputOf(i);
      largest.set(input, Math.max(largest.get(input) ?? 0, Math.abs(v)));
      left.set(input, Math.max(left.get(input) ?? 0, Math.abs(rest[i])));
    });
    return [...largest].every(
      ([input, most]) => most >= SMALL_FEATURE || (left.get(input) ?? 0) <= most * 2 ** -15,
    );
  };
