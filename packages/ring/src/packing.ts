// The low bits of words as a little-endian bit stream of ceil(n * bits / 8) bytes, and back. Widths of 64, 48, 32,
// 16 and 8 bits have paths of their own. A block of 8192 words is a whole number of bytes at every width.
import { BLOCK, type Core, checkInteger, checkLength } from './core.js';
import { bytesOf, type Words } from './words.js';

/**
 * Bytes that n values of `bits` bits take.
 * @param n number of elements
 * @param bits bits of a value
 * @returns the number of bytes
 */
export function packedBytes(n: number, bits: number): number {
  return Math.ceil((n * bits) / 8);
}

export function pack(core: Core, out: Uint8Array, words: Words, bits: number): void {
  const n = words.length;
  check('pack: out', out, n, bits);
  if (bits === 64) {
    out.set(bytesOf(words));
    return;
  }
  if (core.owns(out) && core.owns(words)) {
    core.kernels.pack(out.byteOffset, words.byteOffset, n, bits);
    return;
  }
  const step = (BLOCK * bits) / 8;
  for (let start = 0, at = 0; start < n; start += BLOCK, at += step) {
    const count = Math.min(BLOCK, n - start);
    const bytes = packedBytes(count, bits);
    const from = loadWords(core, 0, words, start, count);
    if (core.owns(out)) core.kernels.pack(out.byteOffset + at, from, count, bits);
    else {
      core.kernels.pack(core.slots[1], from, count, bits);
      out.set(core.slotBytes[1].subarray(0, bytes), at);
    }
  }
}

/** @param add whether to add to `out` modulo 2^bits instead of replacing it. */
export function unpack(core: Core, out: Words, bytes: Uint8Array, bits: number, add: boolean): void {
  const n = out.length;
  check('unpack: bytes', bytes, n, bits);
  if (bits === 64 && !add) {
    bytesOf(out).set(bytes);
    return;
  }
  const kernel = add ? core.kernels.unpackAdd : core.kernels.unpack;
  if (core.owns(out) && core.owns(bytes)) {
    kernel(out.byteOffset, bytes.byteOffset, n, bits);
    return;
  }
  const step = (BLOCK * bits) / 8;
  for (let start = 0, at = 0; start < n; start += BLOCK, at += step) {
    const count = Math.min(BLOCK, n - start);
    const length = packedBytes(count, bits);
    let from = core.slots[1];
    if (core.owns(bytes)) from = bytes.byteOffset + at;
    else core.slotBytes[1].set(bytes.length === length ? bytes : bytes.subarray(at, at + length));
    if (core.owns(out)) kernel(out.byteOffset + start * 8, from, count, bits);
    else {
      if (add) loadWords(core, 0, out, start, count);
      kernel(core.slots[0], from, count, bits);
      out.set(core.slotWords[0].subarray(0, count), start);
    }
  }
}

function loadWords(core: Core, slot: number, words: Words, start: number, count: number): number {
  if (core.owns(words)) return words.byteOffset + start * 8;
  core.slotWords[slot].set(words.length === count ? words : words.subarray(start, start + count));
  return core.slots[slot];
}

function check(what: string, bytes: Uint8Array, n: number, bits: number): void {
  checkInteger('bits', bits, 1, 64);
  checkLength(`${what} for ${n} values of ${bits} bits`, bytes.length, packedBytes(n, bits));
}
