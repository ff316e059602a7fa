/** Checks residues against their moduli. */
import { HeFormatError } from '../errors.js';

/**
 * Every one of `count` 64-bit words (little-endian, from byte `offset` on) must be below `modulus`. About 1 ns a word.
 *
 * @throws HeFormatError
 */
export function checkResidues(
  bytes: Uint8Array,
  offset: number,
  count: number,
  modulus: bigint,
  what: string,
): void {
  const words = halfWords(bytes, offset, count * 8);
  const high = Number(modulus >> 32n);
  const low = Number(modulus & 0xffffffffn);
  for (let i = 0; i < words.length; i += 2) {
    const wordHigh = words[i + 1];
    if (wordHigh > high || (wordHigh === high && words[i] >= low))
      throw new HeFormatError(
        `these bytes are no ${what} in SEAL's form: residue ${i / 2} is not below its modulus`,
      );
  }
}

/** Those bytes as 32-bit words: a view if they are aligned, else a copy. */
export function halfWords(bytes: Uint8Array, offset: number, length: number): Uint32Array {
  const start = bytes.byteOffset + offset;
  if (start % 4 === 0) return new Uint32Array(bytes.buffer, start, length / 4);
  return new Uint32Array(bytes.slice(offset, offset + length).buffer);
}
