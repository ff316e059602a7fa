// Bit planes: plane j of n elements holds bit j of each, element i as bit (i & 63) of word (i >> 6), in
// planeWords(n) = 2 * ceil(n / 128) words, zero beyond n. Boolean protocols work on planes, 128 elements an
// instruction. Cost of the conversions: proportional to the number of planes, about 0.02 ns a bit.
import { type Core, checkInteger } from './core.js';
import { RingShapeError } from './errors.js';
import type { Words } from './words.js';

/**
 * Words in a plane of n elements: even, so that vectors of 128 bits need no tail.
 * @param n number of elements
 * @returns the number of words
 */
export function planeWords(n: number): number {
  return 2 * Math.ceil(n / 128);
}

/** planes[j] = bit firstBit + j of the first n words, for count planes, one after the other. */
export function toPlanes(
  core: Core,
  planes: Words,
  words: Words,
  n: number,
  firstBit: number,
  count: number,
): void {
  check('toPlanes', planes, words, n, firstBit, count);
  if (n === 0 || count === 0) return;
  const { scratch, kernels } = core;
  const size = count * planeWords(n);
  const from = core.stage(core.owns(words) ? words : words.subarray(0, n));
  const to = core.owns(planes) ? planes : scratch.words(size);
  kernels.toPlanes(to.byteOffset, from, n, firstBit, count, planeWords(n) * 8, core.work);
  if (to !== planes) planes.set(to);
}

/** words[i] = sum over j of bit i of planes[j], shifted left by firstBit + j, for the first n words. */
export function fromPlanes(
  core: Core,
  words: Words,
  planes: Words,
  n: number,
  firstBit: number,
  count: number,
): void {
  check('fromPlanes', planes, words, n, firstBit, count);
  if (n === 0) return;
  const { scratch, kernels } = core;
  const from = core.stage(core.owns(planes) ? planes : planes.subarray(0, count * planeWords(n)));
  const to = core.owns(words) ? words : scratch.words(n);
  kernels.fromPlanes(to.byteOffset, from, n, firstBit, count, planeWords(n) * 8, core.work);
  if (to !== words) words.set(to);
}

function check(name: string, planes: Words, words: Words, n: number, firstBit: number, count: number): void {
  checkInteger('firstBit', firstBit, 0, 63);
  checkInteger('count', count, 0, 64 - firstBit);
  if (!(words.length >= n) || !(planes.length >= count * planeWords(n)))
    throw new RingShapeError(
      `${name}: ${n} elements and ${count} planes need ${n} and ${count * planeWords(n)} words, ` +
        `got ${words.length} and ${planes.length}`,
    );
}
