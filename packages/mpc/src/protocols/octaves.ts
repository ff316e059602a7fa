/**
 * Logarithm, square roots and reciprocal over many orders of magnitude, by normalisation: x = m 2^(k+1) with a mantissa
 * m in [1/2, 1), k from `low` to `high` - 1.
 *
 *     M = x 2^(high-1-k), and F, a constant of each octave, such as 2^-(k+1), by normalisation (normalise.ts)
 *     p(m) by a polynomial gate on M: one masked opening, and one to drop bits of M
 *     the result: p F (a product and a truncation), or p + F for the logarithm
 *
 * Below the first threshold x counts as 2^low: the result saturates. No word wraps: for f fraction bits M < 2^(f + high) =
 * 2^46, p at its fraction bits is at most 2^24 or so, F at most 2^37, and their product, with the bit that a product of
 * two masked values has beside its scales, below 2^62.
 *
 * Rounds with BT-3, in one step: 3 for the gate, 2 for the polynomial, 1 for the truncation of p, 1 to mask it, 1 for the
 * product: 8; log 6. Bytes that a party sends for an element, and the dealer, octaves to 2^28: log 111 and 2,713, sqrt 127
 * and 2,725, invSqrt 135 and 2,729, reciprocal of both signs 193 and 4,648, quotient 218 and 4,680. With BT-4, in two steps:
 * 10 rounds, 66 and 348; 12, 99 and 372; 12, 106 and 376; 12, 114 and 519; 13, 155 and 575.
 */

import { broadcastTo, sameShape } from '@tacit/ring';
import type { InverseRootOptions, OctaveFunction, Octaves, QuotientOptions } from '../engine.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { mantissaInvSqrtTable } from '../spline/generated/mantissa-inv-sqrt.js';
import { mantissaLogTable } from '../spline/generated/mantissa-log.js';
import { mantissaReciprocalTable } from '../spline/generated/mantissa-reciprocal.js';
import { mantissaSqrtTable } from '../spline/generated/mantissa-sqrt.js';
import { type SplineTable, tableAtScale } from '../spline/table.js';
import type { Truncation } from '../truncation/parameters.js';
import { linearMasked } from './linear.js';
import { add, mulScalar } from './local-maps.js';
import { maskOnce, viewMasked } from './mask.js';
import { multiplyMasked } from './multiply.js';
import { groupSize, inTwoSteps, normalise, normaliseInSteps, type OctaveConstant } from './normalise.js';
import { productBits } from './product-form.js';
import { piecewise } from './spline.js';
import { truncate } from './truncate.js';

/** Window of everything but the comparisons. */
const FULL = 64;
/** Of a value at rest, M has so many bits. */
const MANTISSA_BITS = 46;
/** The smallest octave that has a root, at the session's fraction bits. */
const LEAST_ROOT = -20;

interface Recipe {
  readonly table: SplineTable;
  /** Fraction bits of p. */
  readonly precision: number;
  /** The constants of octaves, with no more bits than fit beside p, and their fraction bits. */
  readonly constant: (
    low: number,
    high: number,
    f: number,
    factor: number,
  ) => OctaveConstant & { readonly bits: number };
}

type InverseRootFactor = Octaves & Pick<InverseRootOptions, 'factor'>;

const fixed = (value: number, bits: number): bigint => BigInt(Math.round(value * 2 ** bits));

/** 2^(exponent (k+1)) times a factor, of at most `room` bits. Groups have whole powers, which are 1 where they are least. */
const powers =
  (exponent: number, room: number): Recipe['constant'] =>
  (low, high, _f, factor) => {
    const size = groupSize(high - low, false);
    // Of the ends of groups, which are whole numbers of groups apart.
    const least = exponent < 0 ? high : high - (Math.ceil((high - low) / size) - 1) * size;
    const bits = room - Math.ceil(exponent * (exponent < 0 ? low + 1 : high));
    return {
      bits,
      of: (k) => fixed(factor * 2 ** (exponent * (k + 1)), bits),
      coarse: (end) => BigInt(2 ** (exponent * (end - least))),
      fine: (below) => fixed(factor * 2 ** (exponent * (least - below)), bits),
    };
  };

const RECIPES: Readonly<Record<OctaveFunction, Recipe>> = {
  log: {
    table: mantissaLogTable,
    precision: 0,
    constant: (_low, _high, f) => ({
      bits: f,
      of: (k) => fixed((k + 1) * Math.LN2, f),
      coarse: (end) => fixed(end * Math.LN2, f),
      fine: (below) => fixed(-below * Math.LN2, f),
    }),
  },
  sqrt: { table: mantissaSqrtTable, precision: 24, constant: powers(1 / 2, 35) },
  invSqrt: { table: mantissaInvSqrtTable, precision: 22, constant: powers(-1 / 2, 36) },
  reciprocal: { table: mantissaReciprocalTable, precision: 22, constant: powers(-1, 37) },
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
  const { low, high, beyond } = octavesOf('reciprocal', f, options);
  const { signed = true, dividendBits = RANGE_BITS } = options;
  const inSteps = inTwoSteps(session, y.size, high - low);
  // A range of octaves has whole groups.
  const size = inSteps ? groupSize(high - low, signed) : 1;
  const most = Math.max(1, Math.floor((PRODUCT_BITS - Math.max(dividendBits, 0) - f) / size)) * size;
  const ends: number[] = [];
  for (let end = high; end > low; end -= most) ends.push(end);
  // 2^-(k+1) in the octaves of a range, of which the last has one unit; 0 in others.
  const powersOfRanges = ends.map((end): OctaveConstant => {
    const within = (k: number, power: bigint) => (k < end && k >= end - most ? power : 0n);
    return {
      of: (k) => within(k, 1n << BigInt(Math.max(0, end - 1 - k))),
      coarse: (last) => within(last - 1, 1n << BigInt(Math.max(0, end - last))),
      fine: (below) => 1n << BigInt(below),
    };
  });
  const wanted = { name: 'quotient', low, high, beyond, signed, scale: f };
  const steps = inSteps ? normaliseInSteps : normalise;
  const { mantissa, constants, fine } = steps(session, y, wanted, powersOfRanges);
  const parts = [mantissa, ...constants, ...(fine ? [fine] : [])];
  const made = (z: Share): Share => {
    parts.push(z);
    return z;
  };
  const extra = productBits(session.parties);
  const shifted = constants.map((constant, i) => {
    const F = fine ? made(wholeProduct(session, constant, fine)) : constant;
    return made(product(session, x, F, f + ends[i] + extra - SHIFTED_BITS));
  });
  const w = shifted.reduce((a, b) => made(add(session, a, b)));
  const raw = made(polynomial(session, mantissa, f + high, mantissaReciprocalTable));
  const p = made(truncate(session, raw, mantissaReciprocalTable.totalBits - INVERSE_BITS, FULL));
  const result = product(session, w, p, SHIFTED_BITS + INVERSE_BITS + extra - f);
  for (const part of parts) part.dispose();
  return result;
}

/** Reciprocals of larger numbers have no bits at 16 fraction bits; so many octaves below it have. */
const LARGEST_DIVISOR = 30;
const DIVISOR_OCTAVES = 38;

/**
 * The octaves of a function by default: all that numbers with `scale` fraction bits have, and results at f of them can
 * show. Constants of octaves are kept to 12 bits at least, which bounds how many roots and reciprocals can have. Numbers
 * between the largest octave and 2^high, where that is more, count as the largest.
 */
export function octavesOf(
  kind: OctaveFunction,
  f: number,
  { low, high, moreBits = 0 }: Octaves,
  scale = f,
): { low: number; high: number; beyond: number } {
  const most = MANTISSA_BITS - f;
  const top = kind === 'reciprocal' ? Math.min(most, LARGEST_DIVISOR) : most;
  const least =
    kind === 'reciprocal'
      ? top - DIVISOR_OCTAVES
      : Math.max(2 - scale, kind === 'log' ? -FULL : LEAST_ROOT - 2 * moreBits);
  const from = Math.min(Math.max(low ?? least, least), top - 1);
  const to = Math.max(Math.min(high ?? top, top), from + 1);
  return { low: from, high: to, beyond: Math.max(Math.min(high ?? most, PRODUCT_BITS - scale), to) };
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
  return octaveResults(session, kind, x, scale, octaves, [octaves.moreBits ?? 0])[0];
}

/**
 * 1 / sqrt(x) as `octaveFunction` gives it, and with `finerBits` fraction bits more: the inverse of a large root has few
 * bits at the session's scale. Rounds: those of one of them.
 * @throws RangeError as octaveFunction
 */
export function inverseRoot(
  session: Session,
  x: Share,
  scale: number,
  { finerBits, ...octaves }: InverseRootOptions,
): { value: Share; finer: Share } {
  const [value, finer] = octaveResults(session, 'invSqrt', x, scale, octaves, [0, finerBits]);
  return { value, finer };
}

/** The function at several scales, each with so many fraction bits more than the session has. */
function octaveResults(
  session: Session,
  kind: OctaveFunction,
  x: Share,
  scale: number,
  octaves: InverseRootFactor,
  moreBits: readonly number[],
): Share[] {
  const { fractionBits: f } = session.config;
  const { low, high, beyond } = octavesOf(kind, f, octaves, scale);
  if (scale + beyond > PRODUCT_BITS || low + scale < 0)
    throw new RangeError(`${kind} of octaves ${low} to ${high} at ${scale} of ${f} fraction bits`);
  const { table, precision, constant: constantOf } = RECIPES[kind];
  const { signed = false, factor = 1 } = octaves;
  const constant = constantOf(low, high, f, factor);
  // The root of what is too small is 0, everything else saturates.
  const least = kind === 'sqrt' ? 0n : undefined;
  const steps = inTwoSteps(session, x.size, high - low) ? normaliseInSteps : normalise;
  const normalised = steps(session, x, { name: kind, low, high, beyond, signed, scale }, [
    { ...constant, least },
  ]);
  const { mantissa, constants, fine } = normalised;
  const parts = [mantissa, ...constants, ...(fine ? [fine] : [])];
  const made = (y: Share): Share => {
    parts.push(y);
    return y;
  };
  const raw = made(polynomial(session, mantissa, scale + high, table));
  const p = made(truncate(session, raw, table.totalBits - (kind === 'log' ? f : precision), FULL));
  let [F] = constants;
  const extra = productBits(session.parties);
  if (fine) F = made(kind === 'log' ? add(session, F, fine) : wholeProduct(session, F, fine));
  const results = moreBits.map((more) =>
    kind === 'log'
      ? add(session, p, F)
      : product(session, p, F, precision + constant.bits + extra - f - more),
  );
  for (const part of parts) part.dispose();
  return results;
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

/** a b, exact: what is cut off is the zeros that a product has more. */
const wholeProduct = (session: Session, a: Share, b: Share): Share =>
  product(session, a, b, productBits(session.parties));

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
