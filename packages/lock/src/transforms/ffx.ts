/**
 * Format-preserving encryption of numbers of three decimal digits, as two tables.
 *
 * Source: Bellare, Rogaway, Spies, "The FFX Mode of Operation for Format-Preserving Encryption" (2010), with radix 10, length
 * 3, method 2 (alternating Feistel), 10 rounds, blockwise addition. A number 100 a + b is split into its first digit a and
 * its last two b. In round i = 0 … 9, where i is even a becomes a + F(i, b) mod 10, and where it is odd b becomes
 * b + F(i, a) mod 100. F(i, x) is HMAC-SHA-256 under the key of the seven bytes "ffx/3/1", a byte i and a byte x: its
 * first six bytes, as a big-endian number, modulo 10 or 100.
 *
 * The Python package pyffx, which the authors of the image transform used, runs the same rounds with HMAC-SHA-1 of native
 * 32-bit words (round, digits, counter), takes the digits of the whole digest from its low end, and adds them digit by digit:
 * tables under the same key differ. A domain of a thousand numbers is small whatever the round function: who sees an
 * image and its transform has read the table off. It is the authors' construction, not one to encrypt data with.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';

/** How many numbers three digits write. */
export const FFX_DOMAIN = 1000;
const ROUNDS = 10;
const LABEL = new TextEncoder().encode('ffx/3/1');

/** What each number is encrypted to, and back. */
export interface FfxTables {
  /** 1,000 numbers; those of pixels are the first 256. */
  readonly forward: Uint16Array;
  /** 1,000 numbers: the inverse of `forward`. */
  readonly inverse: Uint16Array;
}

/**
 * The tables of a key: 550 HMACs, some milliseconds.
 * @param key any bytes
 * @returns a permutation of 0 … 999 and its inverse
 * @example const { forward } = ffxTables(key); forward[255];
 */
export function ffxTables(key: Uint8Array): FfxTables {
  // What F can be asked for, once each: 100 numbers b in even rounds, 10 digits a in odd ones.
  const values = Array.from({ length: ROUNDS }, (_, i) => {
    const [inputs, modulus] = i % 2 === 0 ? [100, 10] : [10, 100];
    return Array.from({ length: inputs }, (_x, x) => roundValue(key, i, x) % modulus);
  });
  const [forward, inverse] = [new Uint16Array(FFX_DOMAIN), new Uint16Array(FFX_DOMAIN)];
  for (let number = 0; number < FFX_DOMAIN; number++) {
    let [a, b] = [Math.floor(number / 100), number % 100];
    for (let i = 0; i < ROUNDS; i++)
      if (i % 2 === 0) a = (a + values[i][b]) % 10;
      else b = (b + values[i][a]) % 100;
    forward[number] = 100 * a + b;
    inverse[100 * a + b] = number;
  }
  return { forward, inverse };
}

function roundValue(key: Uint8Array, round: number, x: number): number {
  const digest = hmac(sha256, key, Uint8Array.of(...LABEL, round, x));
  return digest.subarray(0, 6).reduce((value, byte) => 256 * value + byte, 0);
}
