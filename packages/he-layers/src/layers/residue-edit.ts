/** Adds to the residues of serialised ciphertexts, in place. Bytes must have been checked before (`readCiphertext`). */
import { type CiphertextLayout, readCiphertext, type SealShape } from '@tacit/he/backend';
import { HeReencryptionError } from './errors.js';

/** Residues of one polynomial modulo one prime below 2^52. */
export function numbersAt(bytes: Uint8Array, offset: number, count: number): Float64Array {
  const words = new Uint32Array(bytes.slice(offset, offset + 8 * count).buffer);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = words[2 * i + 1] * 2 ** 32 + words[2 * i];
  return values;
}

/** Adds (or subtracts) residues below `prime`, which is below 2^52. */
export function addNumbers(
  bytes: Uint8Array,
  offset: number,
  addend: Float64Array,
  prime: number,
  sign: 1 | -1 = 1,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 8 * addend.length);
  for (let i = 0; i < addend.length; i++) {
    const old = view.getUint32(8 * i + 4, true) * 2 ** 32 + view.getUint32(8 * i, true);
    let sum = old + sign * addend[i];
    if (sum >= prime) sum -= prime;
    else if (sum < 0) sum += prime;
    view.setUint32(8 * i, sum % 2 ** 32, true);
    view.setUint32(8 * i + 4, Math.floor(sum / 2 ** 32), true);
  }
}

/** Adds residues below `prime`, of any size. */
export function addWords(bytes: Uint8Array, offset: number, addend: BigUint64Array, prime: bigint): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 8 * addend.length);
  for (let i = 0; i < addend.length; i++) {
    const sum = view.getBigUint64(8 * i, true) + addend[i];
    view.setBigUint64(8 * i, sum >= prime ? sum - prime : sum, true);
  }
}

/** What an answer to a re-encryption must be: fresh, of two polynomials, with the whole modulus. */
export function readFresh(
  bytes: Uint8Array,
  shape: SealShape,
  expected: { readonly primes: number; readonly scale: number },
): CiphertextLayout {
  const layout = readCiphertext(bytes, shape);
  if (
    layout.seeded ||
    layout.size !== 2 ||
    layout.primeCount !== expected.primes ||
    layout.scale !== expected.scale
  )
    throw new HeReencryptionError(
      `The answer to a re-encryption has ${layout.size} polynomials, ${layout.primeCount} primes and scale 2^${Math.log2(layout.scale).toFixed(2)}${layout.seeded ? ', with a seed' : ''}; ` +
        `2, ${expected.primes} and 2^${Math.log2(expected.scale).toFixed(2)} were expected.`,
    );
  return layout;
}
