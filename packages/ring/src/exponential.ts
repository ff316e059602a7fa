// Powers of two of a number x of which only c = x + r is known, the dealer knowing r: 2^x = 2^c 2^-r, with c and r taken
// modulo 32 and 2^-r once for each of the two periods of 16 that r may be in. Both factors are integers, so that parties
// and dealer agree on all machines. Words are exponents with 16 fraction bits from bit `shift` on; the two periods are
// those of x from -275/16 to 237/16.
import { type Core, checkInteger, checkLength } from './core.js';
import { planeWords } from './planes.js';
import type { Words } from './words.js';

/** Words that exponentialMasks makes of a mask. */
export const EXPONENTIAL_WORDS = 8;
/** Bits of an element: inside (the power is wanted), above (2^15 is wanted), wrapped (r is further in its period than c). */
export const EXPONENTIAL_BITS = 3;
/** An exponent and its period are 21 bits. */
const MOST_SHIFT = 64 - 21;

function checkSizes(name: string, n: number, bits: Words, words: Words, above: Words, shift: number): void {
  checkLength(`${name}: bits`, bits.length, EXPONENTIAL_BITS * planeWords(n));
  checkLength(`${name}: words`, words.length, EXPONENTIAL_WORDS * n);
  checkLength(`${name}: above`, above.length, Math.ceil(n / 2));
  checkInteger('shift', shift, 0, MOST_SHIFT);
}

/** A share of 2^46 (inside 2^x + above 2^15), from shares of what exponentialMasks makes and the masked bits e. */
export function exponentialCombine(
  core: Core,
  out: Words,
  c: Words,
  e: Words,
  words: Words,
  above: Words,
  shift: number,
  first: boolean,
): void {
  const n = out.length;
  checkLength('exponentialCombine: c', c.length, n);
  checkSizes('exponentialCombine', n, e, words, above, shift);
  core.inScratch([out], [c, e, words, above], ([to], [from, bits, dealt, beyond]) =>
    core.kernels.exponentialCombine(
      to,
      from,
      bits,
      planeWords(n) * 8,
      dealt,
      beyond,
      n,
      shift,
      Number(first),
    ),
  );
}

/** Of masks r and masks beta of the three bits: eight words an element, one after the other, and 32 bits an element. */
export function exponentialMasks(
  core: Core,
  words: Words,
  above: Words,
  r: Words,
  beta: Words,
  shift: number,
): void {
  const n = r.length;
  checkSizes('exponentialMasks', n, beta, words, above, shift);
  core.inScratch([words, above], [r, beta], ([to, beyond], [from, bits]) =>
    core.kernels.exponentialMasks(to, beyond, from, bits, planeWords(n) * 8, n, shift),
  );
}
