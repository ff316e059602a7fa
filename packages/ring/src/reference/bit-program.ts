// The interpreter of bit programs, plane by plane.
import type { Words } from '../words.js';
import { MASK } from './word.js';

const OPERATIONS: readonly ((a: bigint, b: bigint, c: bigint) => bigint)[] = [
  (a, b) => a ^ b,
  (a, b) => a & b,
  (a, b, c) => (a & b) ^ c,
  (a) => a ^ MASK,
  (a) => a,
  () => 0n,
  () => MASK,
  (a, b) => a | b,
  (a, b, c) => a ^ b ^ c,
];

/**
 * Runs a program on a copy of the planes.
 * @param code encoded instructions, five numbers each
 * @param base memory of the planes, plane p from word p * planeWords on
 * @param planeWords words in a plane, even
 * @returns the planes afterwards
 */
export function runBitProgram(code: Int32Array, base: Words, planeWords: number): Words {
  const out = base.slice();
  for (let i = 0; i < code.length; i += 5) {
    const [op, d, a, b, c] = code.subarray(i, i + 5);
    for (let w = 0; w < planeWords; w++) {
      const at = (plane: number): bigint => out[plane * planeWords + w];
      out[d * planeWords + w] = OPERATIONS[op](at(a), at(b), at(c));
    }
  }
  return out;
}
