// The data model: a ring tensor is a BigUint64Array of residues modulo 2^64, in row-major order. It is a container;
// code that must be fast hands it to a kernel and never reads its elements as BigInt.

export type Words = BigUint64Array;

/**
 * The same memory as bytes (little-endian, as on every machine that runs WebAssembly).
 * @param words array of words
 * @returns a view of the same memory
 */
export function bytesOf(words: Words): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
