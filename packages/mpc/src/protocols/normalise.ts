/**
 * Normalisation: x = m 2^(k+1) with a mantissa m in [1/2, 1), k from `low` to `high` - 1. It gives M = x 2^(high-1-k), m
 * with as many fraction bits as make the largest x a mantissa, and constants of each octave, such as 2^-(k+1).
 *
 * In one step, by a spline gate with a threshold at each power of two: M is linear in each octave, and the constants come from
 * the same opened bits. In two steps, where there are many elements: a gate with a threshold every g octaves moves x to the
 * g highest octaves, another one with g - 1 thresholds moves it to the highest. That is a third of the thresholds and of what is
 * dealt. The second gate need not know octaves exactly, since functions of m reach a little below 1/2: it
 * looks at the highest bits only.
 *
 * A constant of octave k is in two steps the product (or sum) of two, which the octave of the first step and the place in it
 * choose: a caller says both, see `OctaveConstant`.
 *
 * Below 2^low all is as for 2^low. |x| < 2^high, or another power of two that a caller names, between which and 2^high all is
 * as just below 2^high: comparisons look at no higher bits.
 *
 * Source: normalisation to a mantissa by Catrina and Saxena, "Secure Computation with Fixed-Point Numbers", FC 2010,
 * section 4; here all bits of a step come from one opening and nothing is multiplied for it.
 */
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { Piecewise } from '../spline/table.js';
import { planTree, type TreeShape, treeFor } from '../trees/tree-plan.js';
import { piecewiseAll } from './spline.js';

/** Which magnitudes occur, and how x is scaled. */
export interface NormaliseOptions {
  /** Of messages and transcripts. */
  readonly name: string;
  /** 2^low <= |x| < 2^high. */
  readonly low: number;
  readonly high: number;
  /** |x| < 2^beyond, where numbers from 2^high on count as the largest below it; default `high`. */
  readonly beyond?: number;
  readonly signed?: boolean;
  /** Fraction bits of x. */
  readonly scale: number;
}

/** A constant of each octave. */
export interface OctaveConstant {
  /** Of the octave from 2^k to 2^(k+1). */
  of(k: number): bigint;
  /** Of the group of octaves that ends at 2^end. */
  coarse(end: number): bigint;
  /** Of the octave that ends `below` octaves below that end. */
  fine(below: number): bigint;
  /** Of numbers in [0, 2^low); default that of the lowest octave. */
  readonly least?: bigint;
}

/** What normalisation gives: the caller disposes all. */
export interface Normalised {
  /** With scale + high fraction bits. */
  readonly mantissa: Share;
  /** The constants; in two steps those of the groups. */
  readonly constants: readonly Share[];
  /** In two steps, what completes each constant, by a product or a sum. */
  readonly fine?: Share;
}

/** Fewer octaves are worth no second step. */
const FEW_OCTAVES = 12;
/** How many bits below the lowest of its octaves the second step compares. */
const BLUR_BITS = 12;
/** Leaves of 5 bits and one level: a round less than other trees for so few bits. */
const fineTree = (bits: number): TreeShape => ({ w: 5, arity: [Math.max(2, Math.ceil(bits / 5))] });

/** A threshold of the first step costs so many of the second, which compares fewer bits. */
const WEIGHT = 2;
/** Octaves a step of the first gate. Even, so that half of it is whole: roots of its powers of two are. */
export function groupSize(octaves: number, signed: boolean): number {
  const cost = (g: number) => WEIGHT * (signed ? 2 : 1) * Math.ceil(octaves / g) + g;
  let best = 2;
  for (let g = 4; g <= octaves; g += 2) if (cost(g) < cost(best)) best = g;
  return best;
}

/** Whether a session would rather have fewer bytes than fewer rounds for that many elements. */
export function inTwoSteps({ config }: Session, n: number, octaves: number): boolean {
  const bits = config.window - 1;
  return octaves > FEW_OCTAVES && planTree(bits, treeFor(config.tree, n, bits)).levels.length > 1;
}

/** Bits of x that are compared, and one for the sign of a difference. */
const windowOf = ({ config }: Session, { scale, high, beyond = high }: NormaliseOptions): number =>
  Math.min(config.window, scale + beyond + 2);

/** Normalises x in one step. */
export function normalise(
  session: Session,
  x: Share,
  options: NormaliseOptions,
  constants: readonly OctaveConstant[],
): Normalised {
  const { low, high } = options;
  const octaves = Array.from({ length: high - low }, (_, i) => low + i);
  const [mantissa, ...rest] = piecewiseAll(
    session,
    x,
    gate(
      options,
      octaves.map((k) => ({ start: k, shift: high - 1 - k })),
      constants.map((constant) => ({ ...constant, at: octaves.map((k) => constant.of(k)) })),
    ),
    { window: windowOf(session, options), from: 0 },
  );
  return { mantissa, constants: rest };
}

/** Normalises x in two steps. All constants have the `fine` of the first one. */
export function normaliseInSteps(
  session: Session,
  x: Share,
  options: NormaliseOptions,
  constants: readonly OctaveConstant[],
): Required<Normalised> {
  const { low, high, signed = false, scale, name } = options;
  const size = groupSize(high - low, signed);
  const ends: number[] = [];
  for (let end = high; end > low; end -= size) ends.unshift(end);
  const groups = ends.map((end) => ({ start: Math.max(end - size, low), shift: high - end }));
  const [moved, ...rest] = piecewiseAll(
    session,
    x,
    gate(
      options,
      groups,
      constants.map((constant) => ({ ...constant, at: ends.map((end) => constant.coarse(end)) })),
    ),
    { window: windowOf(session, options), from: 0 },
  );
  const l = scale + high + 2;
  const from = Math.max(0, scale + high - size - BLUR_BITS);
  const places = Array.from({ length: size }, (_, i) => size - 1 - i);
  const thresholds = places.slice(1).map((below) => 1n << BigInt(scale + high - 1 - below));
  const [mantissa, fine] = piecewiseAll(
    session,
    moved,
    [
      new Piecewise(
        `mantissa/${name}`,
        thresholds,
        places.map((below) => [0n, 1n << BigInt(below)]),
      ),
      new Piecewise(
        `place/${name}`,
        thresholds,
        places.map((below) => [constants[0].fine(below)]),
      ),
    ],
    { window: l, from, tree: fineTree(l - 1 - from) },
  );
  moved.dispose();
  return { mantissa, constants: rest, fine };
}

/** Octaves that are treated alike: where they start, and by how much x is shifted there. */
interface Group {
  readonly start: number;
  readonly shift: number;
}

/** x shifted by group, and constants of each, as functions with the same thresholds. Groups are in ascending order. */
function gate(
  { name, low, high, beyond = high, signed = false, scale }: NormaliseOptions,
  groups: readonly Group[],
  constants: readonly { readonly at: readonly bigint[]; readonly least?: bigint }[],
): readonly [Piecewise, ...Piecewise[]] {
  const thresholds: bigint[] = [];
  const lines: bigint[][] = [];
  const values: bigint[][][] = constants.map(() => []);
  const piece = (line: bigint[], sign: 1n | -1n, group?: number) => {
    lines.push(line);
    constants.forEach(({ at, least = at[0] }, i) => {
      values[i].push([sign * (group === undefined ? least : at[group])]);
    });
  };
  // M of the number 2^low, and of all from 2^high on.
  const least = [1n << BigInt(scale + low + groups[0].shift)];
  const most = [(1n << BigInt(scale + high)) - 1n];
  const last = groups.length - 1;
  if (signed) {
    if (beyond > high) {
      piece(most, -1n, last);
      thresholds.push(1n - (1n << BigInt(high + scale)));
    }
    // x > -2^k is x >= -2^k + 1 in units.
    groups.toReversed().forEach(({ start, shift }, i) => {
      piece([0n, -(1n << BigInt(shift))], -1n, last - i);
      thresholds.push(1n - (1n << BigInt(start + scale)));
    });
    piece(least, -1n);
    thresholds.push(0n);
  }
  piece(least, 1n);
  groups.forEach(({ start, shift }, i) => {
    thresholds.push(1n << BigInt(start + scale));
    piece([0n, 1n << BigInt(shift)], 1n, i);
  });
  if (beyond > high) {
    thresholds.push(1n << BigInt(high + scale));
    piece(most, 1n, last);
  }
  return [
    new Piecewise(`mantissa/${name}`, thresholds, lines),
    ...values.map((pieces, i) => new Piecewise(`constant ${i}/${name}`, thresholds, pieces)),
  ];
}
