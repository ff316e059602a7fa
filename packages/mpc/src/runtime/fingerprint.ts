/**
 * Public numbers in the transcript: parties whose public operands differ run different programs. Two lanes of
 * multiply-and-rotate, each step invertible: one differing word always shows, several escape with probability 2^-64.
 * It is not a cryptographic hash: it guards against mistakes; a gigabyte takes about a second.
 */
import type { Words } from '@tacit/ring';

const rotate = (v: number, by: number): number => (v << by) | (v >>> (32 - by));

/**
 * What the transcript has in place of public words.
 * @param words mod 2^64
 * @returns 16 hexadecimal digits that depend on every word and on their number
 */
export function fingerprint(words: Words): string {
  const halves = new Uint32Array(words.buffer, words.byteOffset, words.length * 2);
  let a = words.length | 0;
  let b = 0x9e3779b9;
  for (let i = 0; i < halves.length; i++) {
    const w = halves[i];
    a = rotate(Math.imul(a ^ w, 0xcc9e2d51), 15);
    b = (rotate(Math.imul(b ^ w, 0x1b873593), 13) + a) | 0;
  }
  const hex = (v: number): string => (v >>> 0).toString(16).padStart(8, '0');
  return hex(a) + hex(b);
}
