/**
 * The one place that knows how many bits a fixed-point value may hold. A value v at scale s is held as v 2^s mod 2^64 and
 * must stay below 2^CAPACITY in magnitude; |v| <= 2^m for the public bound m that a `FixedPoint` carries, its magnitude.
 *
 * Most values have no known bound. For these |v| < 2^range is assumed (2^28 at 16 fraction bits): a program has to
 * ensure it, and operations choose their scales by it. Where more is known (bits, sigmoids, clipped values,
 * quotients), constants are kept with more bits.
 */
import type { Numbers } from '@tacit/graph';
import type { Engine } from '@tacit/mpc';

/** Bits of precision that a public constant is kept with, relative to its size. */
const CONSTANT_BITS = 18;
/** The same of the inverse of a divisor, so that a quotient is right to a unit in the last place. */
export const INVERSE_BITS = 34;
/** Spare fraction bits that an operand of a product may carry before it is truncated. */
export const SPARE_BITS = 2;
/** Bits of the capacity that functions of all magnitudes leave free in what they take. */
export const FREE_BITS = 1;
/** Fraction bits that an inverse root is kept with beside those at rest: of a large root only they are any good. */
export const FINER_BITS = 14;
/** Bits that products of two secrets may need beside the scales of their operands. */
const PRODUCT_RESERVE = 2;
/** The most terms that stand for a constant, unless said otherwise. */
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

  /** The largest scale at which values of that magnitude fit, with so many bits left free. */
  widest = (magnitude: number, free = 0): number => Math.floor(this.capacity - magnitude) - free;

  /**
   * The scales of weights for products that add up 2^grows terms: one as a rule. What is chosen is public.
   * @param values the values to keep
   * @param grows log2 of how many products are added up
   * @param enough whether what is left of the weights may be dropped
   * @returns fraction bits of one or two terms
   */
  weightScales(values: Numbers, grows: number, enough: (rest: Rest) => boolean): number[] {
    const scales: number[] = [];
    // Computed again for every use: a model has many weights.
    const rest = (i: number): number => {
      let left = values[i];
      for (const scale of scales) left -= onGrid(left, scale);
      return left;
    };
    do {
      const { scale } = this.#term(values.length, rest, this.fractionBits, this.range + grows, {
        reserve: PRODUCT_RESERVE,
      });
      if (scales.length > 0 && allOf(values.length, (i) => onGrid(rest(i), scale) === 0)) break;
      scales.push(scale);
    } while (scales.length < 2 && !enough(rest));
    return scales;
  }

  /**
   * A constant as a sum of terms of rising scale for a product with x, |x| <= 2^magnitude at `scale`; most often one term
   * is enough. No term makes the product leave its range.
   * @param values the values to keep
   * @param scale fraction bits of the other factor
   * @param magnitude of the product with values of size 1: that of x, and the logarithm of how many are added up
   * @param enough whether what is left of the constant may be dropped
   * @param options bits of relative precision that are wanted, bits of the range to leave free, how many terms at most
   * @returns the terms, of rising scale
   */
  terms(
    values: Float64Array,
    scale: number,
    magnitude: number,
    enough: (rest: Rest) => boolean,
    options: TermOptions = {},
  ): ConstantTerm[] {
    const terms: ConstantTerm[] = [];
    let left = values;
    const rest = (i: number) => left[i];
    do {
      const term = this.#term(values.length, rest, scale, magnitude, options);
      const kept = left.map((v) => onGrid(v, term.scale));
      if (terms.length > 0 && kept.every((v) => v === 0)) break;
      terms.push({ values: kept, ...term });
      left = left.map((v, i) => v - kept[i]);
    } while (terms.length < (options.most ?? MOST_TERMS) && !enough(rest));
    return terms;
  }

  /** Scale and magnitude of the term that takes most of `count` numbers. */
  #term(
    count: number,
    rest: Rest,
    scale: number,
    magnitude: number,
    { bits = CONSTANT_BITS, reserve = 0 }: TermOptions,
  ): { readonly scale: number; readonly magnitude: number } {
    const m = magnitudeOfAll(count, rest);
    // Of what is tiny beside everything that is kept, no more bits are kept than can be dropped again.
    const room = this.capacity - reserve - scale - Math.max(2, this.bounded(magnitude + m));
    const wanted = Math.max(this.fractionBits, bits - m);
    const most = Math.floor(Math.max(0, Math.min(room, wanted, 62 - Math.max(0, m))));
    return { scale: exactScale(count, rest, most) ?? most, magnitude: m };
  }
}

/** What is left of each number after the terms so far. */
type Rest = (index: number) => number;

export interface TermOptions {
  /** Bits of relative precision that are wanted. */
  readonly bits?: number;
  /** Bits of the range to leave free. */
  readonly reserve?: number;
  /** How many terms there may be. Default 3. */
  readonly most?: number;
}

const onGrid = (v: number, scale: number): number => Math.round(v * 2 ** scale) / 2 ** scale;

function allOf(count: number, holds: (index: number) => boolean): boolean {
  for (let i = 0; i < count; i++) if (!holds(i)) return false;
  return true;
}

/** Numbers on the grid of 2^-scale. */
export interface ConstantTerm {
  readonly values: Float64Array;
  readonly scale: number;
  /** |values| <= 2^magnitude. */
  readonly magnitude: number;
}

/** The least scale, up to a most one, at which all values are on the grid; undefined if there is none. */
function exactScale(count: number, values: Rest, most: number): number | undefined {
  let scale = 0;
  for (let i = 0; i < count; i++) {
    const v = values(i);
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
export const magnitudeOf = (values: ArrayLike<number>): number =>
  magnitudeOfAll(values.length, (i) => values[i]);

function magnitudeOfAll(count: number, values: Rest): number {
  let most = 0;
  for (let i = 0; i < count; i++) most = Math.max(most, Math.abs(values(i)));
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
  (rest: Rest): boolean =>
    values.every((v, i) => Math.abs(rest(i)) <= Math.abs(v) * 2 ** -bits);

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
  (values: Numbers, inputOf: (index: number) => number) =>
  (rest: Rest): boolean => {
    const largest: number[] = [];
    for (let i = 0; i < values.length; i++) {
      const input = inputOf(i);
      largest[input] = Math.max(largest[input] ?? 0, Math.abs(values[i]));
    }
    if (largest.every((most) => most >= SMALL_FEATURE)) return true;
    return allOf(values.length, (i) => {
      const most = largest[inputOf(i)];
      return most >= SMALL_FEATURE || Math.abs(rest(i)) <= most * 2 ** -15;
    });
  };
