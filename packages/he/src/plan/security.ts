import type { SecurityBits } from '../backend/library.js';

/**
 * Total bits of the coefficient modulus, special prime included, that keep 128, 192 and 256 bits of security against
 * classical attacks for a ternary secret (HomomorphicEncryption.org security standard, 2018, table 1).
 */
export type { SecurityBits };

const MAX_MODULUS_BITS: Readonly<Record<SecurityBits, ReadonlyMap<number, number>>> = {
  128: new Map([
    [1024, 27],
    [2048, 54],
    [4096, 109],
    [8192, 218],
    [16384, 438],
    [32768, 881],
  ]),
  192: new Map([
    [1024, 19],
    [2048, 37],
    [4096, 75],
    [8192, 152],
    [16384, 305],
    [32768, 611],
  ]),
  256: new Map([
    [1024, 14],
    [2048, 29],
    [4096, 58],
    [8192, 118],
    [16384, 237],
    [32768, 476],
  ]),
};

/** Ring degrees that can be chosen, ascending. */
export const RING_DEGREES: readonly number[] = [1024, 2048, 4096, 8192, 16384, 32768];

/**
 * Bits that the modulus may have; 0 for a ring degree that is not in the standard.
 * @param ringDegree N
 * @param security bits of security against classical attacks
 * @returns bits of the whole modulus, special prime included
 */
export function maxModulusBits(ringDegree: number, security: SecurityBits = 128): number {
  return MAX_MODULUS_BITS[security].get(ringDegree) ?? 0;
}
