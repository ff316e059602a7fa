// What the kernels need for one prime.
import type { Kernels } from './kernels.js';
import type { Memory } from './memory.js';
import { inverseModulo, inverseModuloWord, shoupQuotient } from './number-theory.js';

/** A factor modulo a prime and its Shoup quotient. */
export interface Factor {
  readonly value: number;
  readonly quotient: number;
}

export interface Modulus {
  readonly q: number;
  /** Tables of the transforms. */
  readonly forward: number;
  readonly inverse: number;
  /** q^-1 modulo 2^32. */
  readonly montgomery: number;
  /** 2^32 modulo q: brings a row into Montgomery form. */
  readonly radix: Factor;
  /** floor(2^32 / q). */
  readonly one: number;
}

export function factorOf(value: number, q: number): Factor {
  return { value, quotient: shoupQuotient(value, q) };
}

export function createModulus(kernels: Kernels, memory: Memory, ringDegree: number, q: number): Modulus {
  const bytes = 16 * ringDegree;
  const forward = memory.takeBlock(bytes);
  const inverse = memory.takeBlock(bytes);
  kernels.fillTables(forward, inverse, kernels.minimalRoot(q, ringDegree), q, ringDegree);
  return {
    q,
    forward,
    inverse,
    montgomery: inverseModuloWord(q),
    radix: factorOf(2 ** 32 % q, q),
    one: shoupQuotient(1, q),
  };
}

/** What it takes to divide by the prime `from` modulo the prime `to`, and to lift residues from one to the other. */
export interface Step {
  /** -from modulo to. */
  readonly shift: number;
  /** from^-1 modulo to. */
  readonly inverse: Factor;
}

export function createStep(from: number, to: number): Step {
  return { shift: (to - (from % to)) % to, inverse: factorOf(inverseModulo(from, to), to) };
}
