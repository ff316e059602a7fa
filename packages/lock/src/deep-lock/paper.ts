/**
 * Deep-Lock as its paper defines it (Alam, Saha, Mukhopadhyay, Kundu, arXiv 2008.05966): w' = Sbox(w XOR k_i) for the bits
 * of each parameter, undone by w = InvSbox(w') XOR k_i, with a round key k_i of its own from the master key.
 *
 * The S-box is that of AES, a byte at a time. Round keys are the blocks of AES in counter mode: the key of the tensor is
 * expanded by the key schedule of FIPS 197, and block i is the encryption of i under it. An expansion that just runs on,
 * as the public implementation of Deep-Lock has it, has no period that anybody vouches for (there: 204 blocks), and since
 * each of its steps can be inverted, 16 known bytes of weights give all later and earlier keys. Encryptions of different
 * counters under one key differ by definition, so no two blocks of a tensor have the same key before 2^128 of them, and
 * known ones say nothing of others.
 *
 * The XOR is done by node:crypto, which encrypts the weights in counter mode; then one table look-up for two bytes.
 */
import { createCipheriv } from 'node:crypto';
import { INVERSE_S_BOX, S_BOX } from './aes.js';

/** What passes through the processor's cache at a time; a multiple of 16. */
const CHUNK = 2 ** 16;

/** Two bytes at a time: half of the look-ups. Little-endian, as the words of typed arrays are wherever Node.js runs. */
function pairs(table: Uint8Array): Uint16Array {
  const both = new Uint16Array(2 ** 16);
  for (let i = 0; i < both.length; i++) both[i] = table[i & 0xff] | (table[i >> 8] << 8);
  return both;
}
const PAIRS = pairs(S_BOX);
const INVERSE_PAIRS = pairs(INVERSE_S_BOX);

/**
 * Locks the bytes of a tensor.
 * @param bytes its elements
 * @param key of this tensor and of nothing else, 16 or 32 bytes
 * @returns as many bytes
 */
export function lockBytes(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  const stream = counterMode(key);
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += CHUNK) {
    out.set(stream.update(bytes.subarray(at, at + CHUNK)), at);
    substitute(out, at, Math.min(at + CHUNK, out.length), PAIRS, S_BOX);
  }
  return out;
}

/**
 * Undoes `lockBytes`.
 * @param locked locked elements
 * @param key of this tensor; another one gives other bytes
 * @returns as many bytes
 */
export function unlockBytes(locked: Uint8Array, key: Uint8Array): Uint8Array {
  const stream = counterMode(key);
  const out = new Uint8Array(locked.length);
  const chunk = new Uint8Array(Math.min(CHUNK, locked.length + (locked.length & 1)));
  for (let at = 0; at < locked.length; at += CHUNK) {
    const length = Math.min(CHUNK, locked.length - at);
    chunk.set(locked.subarray(at, at + length));
    substitute(chunk, 0, length, INVERSE_PAIRS, INVERSE_S_BOX);
    const plain = stream.update(chunk.subarray(0, length));
    out.set(plain, at);
    plain.fill(0);
  }
  chunk.fill(0);
  return out;
}

/** AES in counter mode from block 0. */
const counterMode = (key: Uint8Array) => createCipheriv(`aes-${key.length * 8}-ctr`, key, new Uint8Array(16));

/** Puts the bytes from an even place on through a table. */
function substitute(bytes: Uint8Array, from: number, end: number, table: Uint16Array, one: Uint8Array): void {
  const words = new Uint16Array(bytes.buffer, from, (end - from) >> 1);
  for (let i = 0; i < words.length; i++) words[i] = table[words[i]];
  if ((end - from) % 2 === 1) bytes[end - 1] = one[bytes[end - 1]];
}

/**
 * Round keys, one block of 16 bytes after the other.
 * @param key of a tensor, 16 or 32 bytes
 * @param first number of the first block
 * @param count how many
 * @returns the blocks
 */
export function keyStream(key: Uint8Array, first: number, count: number): Uint8Array {
  const counter = Buffer.alloc(16);
  counter.writeBigUInt64BE(BigInt(first), 8);
  return createCipheriv(`aes-${key.length * 8}-ctr`, key, counter).update(new Uint8Array(16 * count));
}
