// Truncation of a number shared by two parties, each share shifted on its own. With x_0' = x_0 + 2^62 - 1 and
// |x| < 2^62 the sum x' = x + 2^62 - 1 is in [0, 2^63), and the shares add up to x' + 2^64 w. The sum of the shifted
// shares is x' >> f or one less, after a correction for the wrap w:
//
//     w = 1 - n_0 n_1        n_i = [the share is below 2^63]
//
// Both below: no wrap. Both not below: the sum is at least 2^64. One below: without a wrap x' would be at least 2^63.
// With d_0 = n_0 ^ a, d_1 = n_1 ^ b public and t_0 + t_1 = a b modulo 2^f, the parties share n_0 n_1 as
//
//     q_0 = d_1 n_0 + s t_0        q_1 = d_0 (n_1 - d_1) + s t_1        s = (1 - 2 d_0) (1 - 2 d_1)
//
// and their results are
//
//     y_0 = (x_0' >> f) + 1 - 2^(62-f) + 2^(64-f) (q_0 - 1)        y_1 = (x_1 >> f) + 2^(64-f) q_1
//
// 2^f times 2^(64-f) is 0, so q is needed modulo 2^f only, and t modulo 2^32: f is at most 32. Element i of t is 32-bit
// number i of the array; planes hold element i in bit (i & 63) of word (i >> 6).
import { type Core, checkInteger, checkLength } from './core.js';
import { RingShapeError } from './errors.js';
import { stepWords } from './floors.js';
import type { Words } from './words.js';

/**
 * Whether shares can be truncated by f bits on their own.
 * @param f fraction bits to truncate by
 * @returns true for f <= 32
 */
export const wrapsFit = (f: number): boolean => f <= 32;

const OFFSET = (1n << 62n) - 1n;
const offset = (first: boolean): bigint => (first ? OFFSET : 0n);

function checkPlane(name: string, plane: Words, n: number): void {
  if (plane.length * 64 < n)
    throw new RingShapeError(`${name}: a plane of ${plane.length} words for ${n} elements`);
}

/** plane = n_i of this party's shares; what is left of it is 0. */
export function lowHalves(core: Core, plane: Words, x: Words, first: boolean): void {
  checkPlane('lowHalves', plane, x.length);
  plane.fill(0n, x.length >> 6);
  core.inScratch([plane], [x], ([to], [from]) => core.kernels.lowHalves(to, from, x.length, offset(first)));
}

/** out = a b as 32-bit numbers, for `n` bits of two planes. */
export function bothBits(core: Core, out: Words, a: Words, b: Words, n: number): void {
  checkPlane('bothBits: a', a, n);
  checkPlane('bothBits: b', b, n);
  checkLength('bothBits: out', out.length, stepWords(n));
  if (n % 2 === 1) out[out.length - 1] = 0n;
  core.inScratch([out], [a, b], ([to], [left, right]) => core.kernels.bothBits(to, left, right, n));
}

/** out = y_i of this party's shares x: `own` is its d, `theirs` the other's. out may be x. */
export function wrapCombine(
  core: Core,
  out: Words,
  x: Words,
  t: Words,
  own: Words,
  theirs: Words,
  f: number,
  first: boolean,
): void {
  const n = x.length;
  checkInteger('f', f, 1, 32);
  checkLength('wrapCombine: out', out.length, n);
  checkLength('wrapCombine: t', t.length, stepWords(n));
  checkPlane('wrapCombine: own', own, n);
  checkPlane('wrapCombine: theirs', theirs, n);
  const bias = first ? 1n - (1n << BigInt(62 - f)) - (1n << BigInt(64 - f)) : 0n;
  core.inScratch([out], [x, t, own, theirs], ([to], [from, share, mine, other]) =>
    core.kernels.wrapCombine(to, from, share, mine, other, n, f, Number(first), offset(first), bias),
  );
}
