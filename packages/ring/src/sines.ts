// Sums of sines of a number x of which only c = x + r is known, the dealer knowing r:
//   sum_k g_k sin(k (c - r)) = sum_k (g_k sin kc) cos kr - (g_k cos kc) sin kr
// with both sides of the products as integers, modulo 2^32. Angles are fractions of a turn in 32 bits, taken from bit
// `shift` of the words on (a negative shift: from that far below bit 0). All arithmetic is f32 and the same everywhere.
import { type Core, checkInteger, checkLength } from './core.js';
import type { Words } from './words.js';

/** One term of a sum: sin(frequency * angle), rounded to integers after multiplication by `scale` (below 2^22). */
export interface SineTerm {
  readonly frequency: number;
  readonly scale: number;
}

/**
 * out = sum over the terms of sin * low half + cos * high half, modulo 2^32. `pairs` holds out.length words a term, one
 * term after the other: shares of what sinePairs makes.
 */
export function sineSum(
  core: Core,
  out: Words,
  x: Words,
  pairs: Words,
  shift: number,
  terms: readonly SineTerm[],
): void {
  const n = out.length;
  checkLength('sineSum: x', x.length, n);
  checkLength('sineSum: pairs', pairs.length, n * terms.length);
  core.scoped(() => {
    const table = tableOf(core, shift, terms);
    const to = core.owns(out) ? out : core.scratch.words(n);
    core.kernels.sineSum(to.byteOffset, core.stage(x), core.stage(pairs), n, shift, table, terms.length);
    if (to !== out) out.set(to);
  });
}

/** For each term and each word of x: cos in the low half, -sin in the high half, as integers after scaling. */
export function sinePairs(core: Core, out: Words, x: Words, shift: number, terms: readonly SineTerm[]): void {
  const n = x.length;
  checkLength('sinePairs: out', out.length, n * terms.length);
  core.scoped(() => {
    const table = tableOf(core, shift, terms);
    const to = core.owns(out) ? out : core.scratch.words(out.length);
    core.kernels.sinePairs(to.byteOffset, core.stage(x), n, shift, table, terms.length);
    if (to !== out) out.set(to);
  });
}

function tableOf(core: Core, shift: number, terms: readonly SineTerm[]): number {
  checkInteger('shift', shift, -63, 63);
  const at = core.scratch.take(terms.length * 8);
  const frequencies = new Int32Array(core.buffer, at, terms.length * 2);
  const scales = new Float32Array(core.buffer, at, terms.length * 2);
  terms.forEach(({ frequency, scale }, k) => {
    checkInteger('frequency', frequency, 0, 0x7fffffff);
    frequencies[2 * k] = frequency;
    scales[2 * k + 1] = scale;
  });
  return at;
}
