/**
 * The packed form of SEAL's objects: what is fixed by the parameters is left out, residues are packed to the bits of
 * their primes. All integers little-endian, all parts multiples of 4 bytes.
 *
 *     object       u8 kind, u8 1, u16 0, then by kind
 *     ciphertext   u8 flags (1: NTT form, 2: seeded), u8 polynomials, u8 primes, u8 generator of the seed or 0,
 *                  f64 scale, parameters id (32), [seed (64)], residues
 *     public key   the same
 *     secret key   f64 scale, parameters id (32), residues
 *     switching    parameters id (32), u32 entries; each u32 number of the entry, then its digits as ciphertexts
 */
import { bitLength } from '../backend/primes.js';
import { dataPrimeCount, type SealKind, type SealShape } from '../backend/seal-format.js';
import { HeFormatError } from '../errors.js';

/** Kinds that can be packed. */
export type PackedKind = Exclude<SealKind, 'plaintext'>;

const KIND_NUMBERS: Readonly<Record<PackedKind, number>> = {
  ciphertext: 1,
  'public key': 2,
  'secret key': 3,
  'relinearization key': 4,
  'Galois keys': 5,
};
const FORMAT = 1;

export const PREFIX_BYTES = 4;
export const SECRET_KEY_HEAD_BYTES = 40;
export const SWITCHING_HEAD_BYTES = 36;
export const ENTRY_HEAD_BYTES = 4;
export const CIPHERTEXT_HEAD_BYTES = 44;
export const SEED_BYTES = 64;
export const NTT_FLAG = 1;
export const SEEDED_FLAG = 2;

/** Bytes of N packed residues modulo the prime of this number. */
export function blockBytes({ ringDegree, moduli }: SealShape, modulus: number): number {
  return (ringDegree / 8) * bitLength(moduli[modulus]);
}

/** Bytes of one polynomial with so many primes. */
export function polynomialBytes(shape: SealShape, primeCount: number): number {
  let total = 0;
  for (let modulus = 0; modulus < primeCount; modulus++) total += blockBytes(shape, modulus);
  return total;
}

/** Bytes of a ciphertext's record, without the object's prefix. */
export function ciphertextRecordBytes(
  shape: SealShape,
  primeCount: number,
  size: number,
  seeded: boolean,
): number {
  const residues = (seeded ? 1 : size) * polynomialBytes(shape, primeCount);
  return CIPHERTEXT_HEAD_BYTES + (seeded ? SEED_BYTES : 0) + residues;
}

/** Bytes that `packSeal` makes of a ciphertext. */
export function packedCiphertextBytes(
  shape: SealShape,
  primeCount: number,
  size = 2,
  seeded = false,
): number {
  return PREFIX_BYTES + ciphertextRecordBytes(shape, primeCount, size, seeded);
}

/** Bytes that `packSeal` makes of a relinearisation key (`keys` = 1) or of so many Galois keys. */
export function packedSwitchingKeyBytes(shape: SealShape, keys: number, seeded: boolean): number {
  const digit = ciphertextRecordBytes(shape, shape.moduli.length, 2, seeded);
  return PREFIX_BYTES + SWITCHING_HEAD_BYTES + keys * (ENTRY_HEAD_BYTES + dataPrimeCount(shape) * digit);
}

/** Writes the prefix of an object. */
export function writePrefix(bytes: Uint8Array, kind: PackedKind): void {
  bytes[0] = KIND_NUMBERS[kind];
  bytes[1] = FORMAT;
}

/** @throws HeFormatError unless `bytes` begin as a packed object of this kind */
export function checkPrefix(bytes: Uint8Array, kind: PackedKind): void {
  if (bytes.length < PREFIX_BYTES) throw packedError(bytes, kind, 'it is cut off');
  const [number, format, ...flags] = bytes.subarray(0, PREFIX_BYTES);
  if (number !== KIND_NUMBERS[kind]) {
    const found = Object.entries(KIND_NUMBERS).find(([, value]) => value === number)?.[0];
    throw packedError(bytes, kind, found ? `it is a packed ${found}` : 'it does not begin as it should');
  }
  if (format !== FORMAT) throw packedError(bytes, kind, `its format is ${format}; only ${FORMAT} is read`);
  if (flags.some((flag) => flag !== 0)) throw packedError(bytes, kind, 'it has unknown flags');
}

export function packedError(bytes: Uint8Array, kind: PackedKind, why: string): HeFormatError {
  return new HeFormatError(`these ${bytes.length} bytes are not a packed ${kind}: ${why}`);
}
