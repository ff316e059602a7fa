/**
 * Logarithm, square roots and reciprocal over many orders of magnitude, by normalisation: x = m 2^(k+1) with a mantissa
 * m in [1/2, 1), k from `low` to `high` - 1.
 *
 *     M, F by the spline gate with a threshold at each power of two: M = x 2^(high-1-k), linear in each octave, and from
 *       the same opened bits F, a constant of each octave, such as 2^-(k+1)
 *     p(m) by a polynomial gate on M: one masked opening, and one to drop bits of M
 *     the result: p F (a product and a truncation), or p + F for the logarithm
 *
 * Source: normalisation to a mantissa by Catrina and Saxena, "Secure Computation with Fixed-Point Numbers", FC 2010,
 * section 4; here all bits of the normalisation come from one opening and nothing is multiplied for it.
 *
 * Below the first threshold x counts as 2^low: the result saturates. No word wraps: for f fraction bits M < 2^(f + high) =
 * 2^46, p at its fraction bits is at most 2^24 or so, F at most 2^37, and their product, with the bit that a product of
 * two masked values has beside its scales, below 2^62.
 *
 * Rounds with BT-3: 3 for the gate, 2 for the polynomial, 1 for the truncation of p, 1 to mask it, 1 for the product: 8;
 * log 6. Bytes an element, octaves to 2^28: BT-4 (a round more) log 211, sqrt 227, invSqrt 235, reciprocal of both signs
 * 366, quotient 408, dealer 1,261 to 1,277, 2,145, 2,289; BT-3 111, 127, 135, 193, 225, dealer 2,894 to 2,910, 4,828,
 * 5,108.
 */

import { broadcastTo, sameShape } from '@tacit/ring';
import type { OctaveFunction, Octaves, QuotientOptions } from '../engine.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { mantissaInvSqrtTable } from '../spline/generated/mantissa-inv-sqrt.js';
import { mantissaLogTable } from '../spline/generated/mantissa-log.js';
import { mantissaReciprocalTable } from '../spline/generated/mantissa-reciprocal.js';
import { mantissaSqrtTable } from '../spline/generated/mantissa-sqrt.js';
import { Piecewise, type SplineTable, tableAtScale } from '../spline/table.js';
import type { Truncation } from '../truncation/parameters.js';
import { linearMasked } from './linear.js';
import { add, mulScalar } from './local-maps.js';
import { maskOnce, viewMasked } from './mask.js';
import { multiplyMasked } from './multiply.js';
import { productBits } from './product-form.js';
import { piecewise, piecewiseAll } from './spline.js';
import { truncate } from './truncate.js';

/** Window of everything but the comparisons. */
const FULL = 64;
/** Of a value at rest, M has so many bits. */
const MANTISSA_BITS = 46;
/** The smallest octave that has a root. */
const LEAST_ROOT = -20;

interface Recipe {
  readonly table: SplineTable;
  /** What belongs to the octave from 2^k to 2^(k+1). */
  readonly factor: (k: number) => number;
  /** Fraction bits of p. */
  readonly precision: number;
  /** Bits of the largest F. */
  readonly room: number;
}

const RECIPES: Readonly<Record<OctaveFunction, Recipe>> = {
  log: { table: mantissaLogTable, factor: (k) => (k + 1) * Math.LN2, precision: 0, room: 0 },
  sqrt: { table: mantissaSqrtTable, factor: (k) => 2 ** ((k + 1) / 2), precision: 24, room: 35 },
  invSqrt: { table: mantissaInvSqrtTable, factor: (k) => 2 ** (-(k + 1) / 2), precision: 22, room: 36 },
  reciprocal: { table: mantissaReciprocalTable, factor: (k) => 2 ** -(k + 1), precision: 22, room: 37 },
};

/** Fraction bits of x times the power of two, and of 1/m: together with a quotient of 28 bits they fit a word. */
const SHIFTED_BITS = 18;
const INVERSE_BITS = 14;
/** A raw product of x and a power of two is below 2^61. */
const PRODUCT_BITS = 61;
/** Of values without a known bound, at 16 fraction bits. */
const RANGE_BITS = 28;

/**
 * x / y, both with the session's fraction bits, y broadcast to the shape of x: at most 2^-10 of the quotient or two units
 * off where it is in range. |y| < 2^low counts as 2^low with the sign, 0 as positive.
 *
 * 1/y of a large y has no bits at a fixed scale. So x meets the power of two first, at a scale of its own for each of as
 * few ranges of y as keep words from wrapping: w = x 2^-(k+1), in which all terms but one are 0; then x / y = w / m.
 * Rounds with BT-3: 8.
 * @throws ShapeError where y cannot be broadcast to x
 */
export function quotient(session: Session, x: Share, y: Share, options: QuotientOptions = {}): Share {
  const { fractionBits: f } = session.config;
  const { low, high } = octavesOf('reciprocal', f, options);
  const { signed = true, dividendBits = RANGE_BITS } = options;
  const ranges: { first: number; last: number }[] = [];
  const most = PRODUCT_BITS - Math.max(dividendBits, 0) - f;
  for (let first = low; first < high; first += most)
    ranges.push({ first, last: Math.min(first + most, high) - 1 });
  // The power of two of the last octave of a range is one unit.
  const factors = ranges.map(
    ({ first, last }) =>
      (k: number) =>
        k < first || k > last ? 0n : 1n << BigInt(last - k),
  );
  const [M, ...powers] = piecewiseAll(session, y, gates('quotient', { low, high, signed }, f, factors));
  const extra = productBits(session.parties);
  const shifted = powers.map((F, i) => product(session, x, F, f + ranges[i].last + 1 + extra - SHIFTED_BITS));
  const sums: Share[] = [];
  const w = shifted.reduce((a, b) => {
    const sum = add(session, a, b);
    sums.push(sum);
    return sum;
  });
  const raw = polynomial(session, M, f + high, mantissaReciprocalTable);
  const p = truncate(session, raw, mantissaReciprocalTable.totalBits - INVERSE_BITS, FULL);
  const result = product(session, w, p, SHIFTED_BITS + INVERSE_BITS + extra - f);
  for (const part of [M, ...powers, ...shifted, ...sums, raw, p]) part.dispose();
  return result;
}

/**
 * The octaves of a function by default: all that numbers with `scale` fraction bits have, and results at f of them can
 * show. Constants of octaves are kept to 12 bits at least, which bounds how many roots can have.
 */
export function octavesOf(
  kind: OctaveFunction,
  f: number,
  { low, high }: Octaves,
  scale = f,
): { low: number; high: number } {
  const top = MANTISSA_BITS - f;
  const least = kind === 'reciprocal' ? top - 38 : Math.max(2 - scale, kind === 'log' ? -FULL : LEAST_ROOT);
  const from = Math.min(Math.max(low ?? least, least), top - 1);
  return { low: from, high: Math.max(Math.min(high ?? top, top), from + 1) };
}

/**
 * A function of x with `scale` fraction bits, with the session's. With more than those, as a product has, smaller numbers
 * are right, too; they and the largest octave must be within 61 bits.
 * @throws RangeError for scales or octaves that do not fit
 */
export function octaveFunction(
  session: Session,
  kind: OctaveFunction,
  x: Share,
  scale: number,
  octaves: Octaves = {},
): Share {
  const { fractionBits: f } = session.config;
  const { low, high } = octavesOf(kind, f, octaves, scale);
  if (scale + high > PRODUCT_BITS || low + scale < 0)
    throw new RangeError(`${kind} of octaves ${low} to ${high} at ${scale} of ${f} fraction bits`);
  const { table, factor, precision, room } = RECIPES[kind];
  const largest = Math.max(...[low, high - 1].map((k) => Math.abs(factor(k))));
  const factorBits = kind === 'log' ? f : room - Math.ceil(Math.log2(largest));
  const encoded = (k: number) => BigInt(Math.round(factor(k) * 2 ** factorBits));
  // The root of what is too small is 0, everything else saturates.
  const below = kind === 'sqrt' ? 0n : encoded(low);
  const [M, F] = piecewiseAll(
    session,
    x,
    gates(kind, { low, high, signed: octaves.signed }, scale, [encoded], below),
  );
  const raw = polynomial(session, M, scale + high, table);
  const p = truncate(session, raw, table.totalBits - (kind === 'log' ? f : precision), FULL);
  const result =
    kind === 'log'
      ? add(session, p, F)
      : product(session, p, F, precision + factorBits + productBits(session.parties) - f);
  for (const part of [M, F, raw, p]) part.dispose();
  return result;
}

/**
 * M and constants of each octave, as functions with the same thresholds.
 * @param below the first constant of numbers in [0, 2^low)
 */
function gates(
  name: string,
  { low, high, signed = false }: { low: number; high: number; signed?: boolean },
  scale: number,
  factors: readonly ((k: number) => bigint)[],
  below = factors[0](low),
): readonly [Piecewise, ...Piecewise[]] {
  const thresholds: bigint[] = [];
  const lines: bigint[][] = [];
  const constants: bigint[][][] = factors.map(() => []);
  const least = 1n << BigInt(scale + high - 1);
  const piece = (line: bigint[], constant: (factor: (k: number) => bigint, i: number) => bigint) => {
    lines.push(line);
    factors.forEach((factor, i) => {
      constants[i].push([constant(factor, i)]);
    });
  };
  if (signed) {
    // x > -2^k is x >= -2^k + 1 in units.
    for (let k = high - 1; k >= low; k--) {
      piece([0n, -(1n << BigInt(high - 1 - k))], (factor) => -factor(k));
      thresholds.push(1n - (1n << BigInt(k + scale)));
    }
    piece([least], (factor) => -factor(low));
    thresholds.push(0n);
  }
  piece([least], (factor, i) => (i === 0 ? below : factor(low)));
  for (let k = low; k < high; k++) {
    thresholds.push(1n << BigInt(k + scale));
    piece([0n, 1n << BigInt(high - 1 - k)], (factor) => factor(k));
  }
  return [
    new Piecewise(`mantissa/${name}`, thresholds, lines),
    ...constants.map((values, i) => new Piecewise(`factor ${i}/${name}`, thresholds, values)),
  ];
}

/** The table's polynomial of M with `bits` fraction bits. */
function polynomial(session: Session, M: Share, bits: number, table: SplineTable): Share {
  const excess = bits - table.xBits;
  if (session.config.truncation !== 'exact' || excess <= 0)
    return piecewise(session, M, tableAtScale(table, bits), { window: FULL });
  const input = truncate(session, M, excess, FULL);
  const y = piecewise(session, input, tableAtScale(table, table.xBits), { window: FULL });
  input.dispose();
  return y;
}

/** a b, less so many bits (or with more, if that is below 0); b is broadcast to the shape of a. */
function product(session: Session, a: Share, b: Share, drop: number): Share {
  const raised = drop < 1 ? mulScalar(session, b, 1n << BigInt(1 - drop)) : b;
  const bits = Math.max(drop, 1);
  const [x, masked] = [maskOnce(session, a), maskOnce(session, raised)];
  const same = sameShape(a.shape, b.shape);
  const y = same ? masked : viewMasked(session, masked, broadcastTo(b.shape, a.shape));
  const multiply = (truncation?: Truncation) =>
    same
      ? multiplyMasked(session, x, y, truncation)
      : linearMasked(session, { op: 'mul', n: a.size }, x, y, a.shape, truncation);
  if (raised !== b) raised.dispose();
  if (session.config.truncation !== 'exact') return multiply({ f: bits, l: FULL });
  const raw = multiply();
  const result = truncate(session, raw, bits, FULL);
  raw.dispose();
  return result;
}
