// Bit streams and bit planes, bit by bit.
import { packedBytes } from '../packing.js';
import { planeWords } from '../planes.js';
import type { Words } from '../words.js';
import { low } from './word.js';

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

export function unpack(bytes: Uint8Array, n: number, bits: number): Words {
  const words = new BigUint64Array(n);
  for (let i = 0; i < n; i++)
    for (let b = 0; b < bits; b++) {
      const at = i * bits + b;
      words[i] |= BigInt((bytes[at >> 3] >> (at & 7)) & 1) << BigInt(b);
    }
  return words;
}

export function unpackAdd(acc: Words, bytes: Uint8Array, bits: number): Words {
  const values = unpack(bytes, acc.length, bits);
  return acc.map((word, i) => low(word + values[i], bits));
}

export function toPlanes(words: Words, firstBit: number, count: number): Words {
  const size = planeWords(words.length);
  const planes = new BigUint64Array(count * size);
  for (let j = 0; j < count; j++)
    words.forEach((word, i) => {
      planes[j * size + (i >> 6)] |= ((word >> BigInt(firstBit + j)) & 1n) << BigInt(i & 63);
    });
  return planes;
}

export function fromPlanes(planes: Words, n: number, firstBit: number, count: number): Words {
  const size = planeWords(n);
  const words = new BigUint64Array(n);
  for (let j = 0; j < count; j++)
    for (let i = 0; i < n; i++) words[i] |= bitOf(planes.subarray(j * size), i) << BigInt(firstBit + j);
  return words;
}

/** Bit i of a plane. */
export function bitOf(plane: Words, i: number): bigint {
  return (plane[i >> 6] >> BigInt(i & 63)) & 1n;
}
