/**
 * Piecewise polynomials with integer coefficients: the form in which functions are stored (pieces in x - centre, at a
 * fixed number of fraction bits) and the form which the spline gate computes (powers of x mod 2^64).
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { remembered } from '../runtime/remembered.js';

/** A stored function: piece p holds from threshold p-1 (included) to threshold p (excluded). */
export interface SplineTable {
  readonly name: string;
  /** Fraction bits of x, of the thresholds and of the centres. */
  readonly xBits: number;
  /** Fraction bits of the value: the coefficient of (x - centre)^k has totalBits - k * xBits. */
  readonly totalBits: number;
  /** Ascending. */
  readonly thresholds: readonly number[];
  /** One more than thresholds; the first and the last are constants, so that the function saturates. */
  readonly pieces: readonly { readonly centre: number; readonly coefficients: readonly bigint[] }[];
}

/**
 * What the gate computes for a number x: thresholds are compared with x itself, polynomials are in x >> drop.
 * Coefficients are exact integers, lowest power first; they are used mod 2^64.
 */
export class Piecewise {
  readonly degree: number;
  /** Piece j + 1 minus piece j, reduced mod 2^64: what threshold j adds. */
  readonly steps: readonly (readonly bigint[])[];
  readonly fingerprint: string;

  /**
   * @param name in messages and transcripts
   * @param thresholds ascending, at least one
   * @param pieces one more than thresholds; the piece behind a threshold holds from it on
   * @param drop bits
   * @throws RangeError where pieces and thresholds do not fit together
   */
  constructor(
    readonly name: string,
    readonly thresholds: readonly bigint[],
    readonly pieces: readonly (readonly bigint[])[],
    /** Bits of x that are dropped before the polynomials. */
    readonly drop = 0,
  ) {
    if (thresholds.length === 0 || pieces.length !== thresholds.length + 1)
      throw new RangeError(`${name}: ${thresholds.length} thresholds separate ${pieces.length} pieces`);
    if (thresholds.some((t, j) => j > 0 && t < thresholds[j - 1]))
      throw new RangeError(`${name}: the thresholds are not in order`);
    this.degree = Math.max(...pieces.map((p) => p.length)) - 1;
    this.steps = thresholds.map((_, j) =>
      trimmed(
        Array.from({ length: this.degree + 1 }, (_, k) =>
          BigInt.asUintN(64, (pieces[j + 1][k] ?? 0n) - (pieces[j][k] ?? 0n)),
        ),
      ),
    );
    const text = JSON.stringify([[...thresholds], pieces], (_, v) => (typeof v === 'bigint' ? `${v}` : v));
    this.fingerprint = bytesToHex(sha256(utf8ToBytes(text)).subarray(0, 8));
  }
}

/** Without zeros at the end; at least one coefficient. */
function trimmed(coefficients: readonly bigint[]): bigint[] {
  let length = coefficients.length;
  while (length > 1 && coefficients[length - 1] === 0n) length--;
  return coefficients.slice(0, length);
}

/** Coefficients of powers of x, given those of powers of x - centre. */
function aroundZero(coefficients: readonly bigint[], centre: bigint): bigint[] {
  const out = [...coefficients];
  // Repeated Horner steps: a polynomial in (x - m) becomes one in x.
  for (let i = 0; i + 1 < out.length; i++)
    for (let k = out.length - 2; k >= i; k--) out[k] -= centre * out[k + 1];
  return out;
}

const prepared = new WeakMap<SplineTable, Map<number, Piecewise>>();

/**
 * A table for an x with `scale` fraction bits; the value has the table's totalBits. What x has beyond the table's xBits
 * is dropped; an x with less is as good as one with zeros behind.
 */
export function tableAtScale(table: SplineTable, scale: number): Piecewise {
  const scales = remembered(prepared, table, () => new Map<number, Piecewise>());
  return remembered(scales, scale, () => prepare(table, scale));
}

function prepare(table: SplineTable, scale: number): Piecewise {
  const drop = Math.max(0, scale - table.xBits);
  const lack = BigInt(Math.max(0, table.xBits - scale));
  // x >= t for whole x at the smaller scale: t rounded up.
  const thresholds = table.thresholds.map((t) => -((-BigInt(t) << BigInt(drop)) >> lack));
  const pieces = table.pieces.map(({ centre, coefficients }) =>
    aroundZero(coefficients, BigInt(centre)).map((c, k) => c << (lack * BigInt(k))),
  );
  return new Piecewise(table.name, thresholds, pieces, drop);
}
