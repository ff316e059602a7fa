// Bit streams and bit planes, bit by bit.
import { packedBytes } from '../packing.js';
import { planeWords } from '../planes.js';
import type { Words } from '../words.js';
import { low } from './word.js';

/**
 * The low `bits` of each word as a little-endian bit stream.
 * @param words array of words
 * @param bits bits of a value
 * @returns the bytes
 */
export function pack(words: Words, bits: number): Uint8Array {
  const bytes = new Uint8Array(packedBytes(words.length, bits));
  words.forEach((word, i) => {
    for (let b = 0; b < bits; b++) {
      const at = i * bits + b;
      bytes[at >> 3] |= Number((word >> BigInt(b)) & 1n) << (at & 7);
    }
  });
  return bytes;
}

/**
 * The inverse of pack.
 * @param bytes packed bit stream
 * @param n number of elements
 * @param bits bits of a value
 * @returns n words
 */
export function unpack(bytes: Uint8Array, n: number, bits: number): Words {
  const words = new BigUint64Array(n);
  for (let i = 0; i < n; i++)
    for (let b = 0; b < bits; b++) {
      const at = i * bits + b;
      words[i] |= BigInt((bytes[at >> 3] >> (at & 7)) & 1) << BigInt(b);
    }
  return words;
}

/**
 * acc plus the unpacked words, modulo 2^bits.
 * @param acc array that is added to
 * @param bytes packed bit stream
 * @param bits bits of a value
 * @returns the sums
 */
export function unpackAdd(acc: Words, bytes: Uint8Array, bits: number): Words {
  const values = unpack(bytes, acc.length, bits);
  return acc.map((word, i) => low(word + values[i], bits));
}

/**
 * Bits of words as planes.
 * @param words array of words
 * @param firstBit lowest bit of a word that has a plane
 * @param count number of planes
 * @returns the planes, one after the other
 */
export function toPlanes(words: Words, firstBit: number, count: number): Words {
  const size = planeWords(words.length);
  const planes = new BigUint64Array(count * size);
  for (let j = 0; j < count; j++)
    words.forEach((word, i) => {
      planes[j * size + (i >> 6)] |= ((word >> BigInt(firstBit + j)) & 1n) << BigInt(i & 63);
    });
  return planes;
}

/**
 * Words from the planes of their bits; other bits are zero.
 * @param planes bit planes, one after the other
 * @param n number of elements
 * @param firstBit lowest bit of a word that has a plane
 * @param count number of planes
 * @returns n words
 */
export function fromPlanes(planes: Words, n: number, firstBit: number, count: number): Words {
  const size = planeWords(n);
  const words = new BigUint64Array(n);
  for (let j = 0; j < count; j++)
    for (let i = 0; i < n; i++) words[i] |= bitOf(planes.subarray(j * size), i) << BigInt(firstBit + j);
  return words;
}

/**
 * Bit i of a plane.
 * @param plane bits of many elements
 * @param i index of the element
 * @returns 0 or 1
 */
export function bitOf(plane: Words, i: number): bigint {
  return (plane[i >> 6] >> BigInt(i & 63)) & 1n;
}
