/**
 * Sines and cosines of angles that are words: a word w is w / 2^64 of a turn. By operations that every engine rounds alike
 * (sums and products of binary64), so that all parties get the same words: `Math.sin` may differ from one to another.
 */
import type { Words } from '@tacit/ring';

/** Of a turn, in the high halves of words. */
const EIGHTH = 2 ** 29;
const RADIANS = (2 * Math.PI) / 2 ** 32;

/** sin(t), |t| <= pi/4, by its Taylor series: 2^-29 off. */
const sineNearZero = (t: number, s: number): number =>
  t * (1 - (s / 6) * (1 - (s / 20) * (1 - (s / 42) * (1 - s / 72))));
/** cos(t), as well. */
const cosineNearZero = (s: number): number =>
  1 - (s / 2) * (1 - (s / 12) * (1 - (s / 30) * (1 - (s / 56) * (1 - s / 90))));

/**
 * sin and cos of each angle, signed numbers with `bits` fraction bits; at most 2^-28 and half a unit off.
 * @param angles words, of which the high halves count
 * @param bits 1 to 30
 */
export function sinesOfTurns(angles: Words, sines: Words, cosines: Words, bits: number): void {
  const halves = new Uint32Array(angles.buffer, angles.byteOffset, 2 * angles.length);
  const [sine, cosine] = [sines, cosines].map(
    ({ buffer, byteOffset, length }) => new Int32Array(buffer, byteOffset, 2 * length),
  );
  const one = 2 ** bits;
  const put = (into: Int32Array, i: number, value: number) => {
    const units = Math.round(value * one);
    into[i] = units;
    into[i + 1] = units < 0 ? -1 : 0;
  };
  for (let i = 0; i < halves.length; i += 2) {
    const high = halves[i + 1];
    const quarter = Math.floor((high + EIGHTH) / (2 * EIGHTH));
    const t = (high - quarter * 2 * EIGHTH) * RADIANS;
    const s = t * t;
    const [a, b] = [sineNearZero(t, s), cosineNearZero(s)];
    const turned = quarter % 2 === 1;
    const half = quarter % 4;
    put(sine, i, (turned ? b : a) * (half >= 2 ? -1 : 1));
    put(cosine, i, (turned ? a : b) * (half === 1 || half === 2 ? -1 : 1));
  }
}
