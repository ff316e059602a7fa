// The dealer's part of a truncation. For a mask r = r' + 2^(l-1) r_t, 0 <= r' < 2^(l-1), and c = x + r modulo 2^l with
// top bit s, x >> f is (c' >> f) + T_s up to one unit, with
//
//     T_s = 2^(l-1-f) (s ^ r_t) - (r' >> f)         T_1 = T_0 + 2^(l-1-f) (1 - 2 r_t)
//
// The difference is a step of 1 or -1 at bit l-1-f. As that many bits and 32 more are at least 64 for f <= l - 33, the
// step is then shared modulo 2^32, half a word an element: element i is 32-bit number i of the array.
import { type Core, checkInteger, checkLength } from './core.js';
import type { Words } from './words.js';

/**
 * Words that the steps of n elements take.
 * @param n number of elements
 * @returns the number of words
 */
export const stepWords = (n: number): number => Math.ceil(n / 2);

/**
 * Whether T_1 can be had from T_0 and a step modulo 2^32.
 * @param l window: bit length of the opened values
 * @param f fraction bits to truncate by
 * @returns true for f <= l - 33
 */
export const stepsFit = (l: number, f: number): boolean => f <= l - 33;

function checkFloors(name: string, length: number, n: number, l: number, f: number): void {
  checkLength(name, length, n);
  checkInteger('l', l, 1, 64);
  checkInteger('f', f, 0, l - 1);
}

/** T_0 and T_1 of masks r. t1 may be r. */
export function maskedFloors(core: Core, t0: Words, t1: Words, r: Words, l: number, f: number): void {
  checkFloors('maskedFloors: t0', t0.length, r.length, l, f);
  checkLength('maskedFloors: t1', t1.length, r.length);
  core.inScratch([t0, t1], [r], ([a, b], [from]) => core.kernels.maskedFloors(a, b, from, r.length, l, f));
}

/** T_0 and the steps 1 - 2 r_t of masks r. */
export function floorSteps(core: Core, t0: Words, steps: Words, r: Words, l: number, f: number): void {
  checkFloors('floorSteps: t0', t0.length, r.length, l, f);
  checkLength('floorSteps: steps', steps.length, stepWords(r.length));
  if (r.length % 2 === 1) steps[steps.length - 1] = 0n;
  core.inScratch([t0, steps], [r], ([a, b], [from]) => core.kernels.floorSteps(a, b, from, r.length, l, f));
}

/** out = t0 + steps * 2^shift */
export function addSteps(core: Core, out: Words, t0: Words, steps: Words, shift: number): void {
  checkLength('addSteps: out', out.length, t0.length);
  checkLength('addSteps: steps', steps.length, stepWords(t0.length));
  checkInteger('shift', shift, 0, 63);
  core.inScratch([out], [t0, steps], ([to], [a, b]) => core.kernels.addSteps(to, a, b, t0.length, shift));
}

/** out = steps where the word of `bits` is 1, 0 where it is 0. */
export function selectSteps(core: Core, out: Words, steps: Words, bits: Words): void {
  checkLength('selectSteps: out', out.length, steps.length);
  checkLength('selectSteps: steps', steps.length, stepWords(bits.length));
  if (bits.length % 2 === 1) out[out.length - 1] = 0n;
  core.inScratch([out], [steps, bits], ([to], [a, b]) => core.kernels.selectSteps(to, a, b, bits.length));
}
