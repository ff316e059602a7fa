// SEAL's identifier of a set of encryption parameters: BLAKE2b of scheme, ring degree, primes and plain modulus.
import { blake2b } from '@noble/hashes/blake2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

const SCHEME_CKKS = 2;
export const ID_BYTES = 32;

/**
 * The identifier as 64 hexadecimal digits.
 * @param ringDegree N
 * @param primes data primes that are left; with the special prime, all of them, for keys
 * @returns `parms_id` as SEAL computes it for CKKS
 */
export function parametersId(ringDegree: number, primes: readonly number[]): string {
  const words = [SCHEME_CKKS, ringDegree, ...primes, 0];
  const view = new DataView(new ArrayBuffer(words.length * 8));
  for (const [i, word] of words.entries()) view.setBigUint64(i * 8, BigInt(word), true);
  return bytesToHex(blake2b(new Uint8Array(view.buffer), { dkLen: ID_BYTES }));
}
