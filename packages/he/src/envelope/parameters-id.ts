/** Identifiers of encryption parameters, for envelopes. */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { HeParameters } from '../backend/library.js';
import type { SealShape } from '../backend/seal-format.js';
import { sha256 } from './sha256.js';

/**
 * Hexadecimal SHA-256 of everything that must agree for ciphertexts and keys to fit: scheme, ring degree, primes, and
 * the plain modulus. Not of the security level, which is a demand and not a part of them.
 *
 * @param shape the context
 */
export async function hashParameters(
  parameters: HeParameters,
  { ringDegree, moduli }: SealShape,
): Promise<string> {
  const plain = parameters.scheme === 'bfv' ? [parameters.plainModulus] : [];
  const text = ['tacit-he-parameters-1', parameters.scheme, ringDegree, moduli.join(','), ...plain].join('/');
  return bytesToHex(await sha256(new TextEncoder().encode(text)));
}

/** Ring degree and primes of CKKS parameters, for packing without a context. */
export function ckksShape(parameters: {
  readonly ringDegree: number;
  readonly primes: readonly number[];
  readonly specialPrime: number;
}): SealShape {
  const { ringDegree, primes, specialPrime } = parameters;
  return { ringDegree, moduli: [...primes, specialPrime].map(BigInt) };
}
