// SEAL's identifier of a set of encryption parameters: BLAKE2b of scheme, ring degree, primes and plain modulus.
import { blake2b } from './blake2b.js';

const SCHEME_CKKS = 2;
export const ID_BYTES = 32;

/** The identifier as 64 hexadecimal digits. */
export function parametersId(ringDegree: number, primes: readonly number[]): string {
  const words = [SCHEME_CKKS, ringDegree, ...primes, 0];
  const view = new DataView(new ArrayBuffer(words.length * 8));
  for (const [i, word] of words.entries()) view.setBigUint64(i * 8, BigInt(word), true);
  return hexadecimal(blake2b(new Uint8Array(view.buffer), ID_BYTES));
}

export function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
