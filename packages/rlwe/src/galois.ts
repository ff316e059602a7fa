// Automorphisms x -> x^g of the ring: which one rotates the slots, and how they permute values in bit-reversed order.
import type { Core } from './core.js';

/** SEAL's generator of the rotations. */
const GENERATOR = 3n;

/** `step` as a rotation to the left, from 0 to slots - 1. */
export function normaliseStep(step: number, slots: number): number {
  return ((step % slots) + slots) % slots;
}

/** The element g whose automorphism rotates the slots to the left by `step`, 0 <= step < slots. */
export function elementOf(step: number, ringDegree: number): number {
  const order = BigInt(2 * ringDegree);
  let result = 1n;
  let base = GENERATOR;
  for (let e = step; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = (result * base) % order;
    base = (base * base) % order;
  }
  return Number(result);
}

/** g^-1 modulo 2N. */
export function inverseElement(element: number, ringDegree: number): number {
  let inverse = element;
  for (let i = 0; i < 5; i++) inverse = Math.imul(inverse, 2 - Math.imul(element, inverse));
  return (inverse & (2 * ringDegree - 1)) >>> 0;
}

/** Bytes of a table for `permuteRow`. */
export function permutationBytes(ringDegree: number): number {
  return ringDegree + 256;
}

/**
 * Writes the table of an automorphism for `permuteRow`: value i of the result is the value at root^(e g), where e is the
 * odd exponent of place i. Neighbours in fours stay together, see assembly/permute.ts.
 */
export function writePermutation(core: Core, table: number, element: number): void {
  const { n } = core;
  const bits = Math.log2(n);
  const words = core.memory.words;
  const bytes = core.memory.bytes;
  const patterns: number[] = [];
  const sourceOf = (place: number) => {
    const exponent = 2 * reverseBits(place, bits) + 1;
    const image = (Math.imul(exponent, element) & (2 * n - 1)) >>> 0;
    return reverseBits(image >>> 1, bits);
  };
  for (let i = 0; i < n; i += 4) {
    const source = sourceOf(i) & ~3;
    let pattern = 0;
    for (let lane = 0; lane < 4; lane++) pattern |= (sourceOf(i + lane) - source) << (2 * lane);
    let number = patterns.indexOf(pattern);
    if (number < 0) number = patterns.push(pattern) - 1;
    words[(table + i) / 4] = source * 4 + number;
  }
  for (const [number, pattern] of patterns.entries())
    for (let byte = 0; byte < 16; byte++)
      bytes[table + n + 16 * number + byte] = 4 * ((pattern >> (2 * (byte >> 2))) & 3) + (byte & 3);
}

export function reverseBits(value: number, bits: number): number {
  let result = 0;
  for (let i = 0; i < bits; i++) result = (result << 1) | ((value >>> i) & 1);
  return result;
}
