// Ciphertexts from SEAL's bytes and back.
import type { Core } from './core.js';
import { RlweFormatError } from './errors.js';
import { Ciphertext } from './handles.js';
import { readCiphertext, writeCiphertext } from './seal/ciphertext-format.js';
import { SealReader } from './seal/reader.js';

/**
 * Fills rows from 64-bit words; row i is modulo prime number i modulo `primes`, the last of special + 1 primes being the
 * special one. Every word is checked. `then` is called for each row.
 */
export function importWords(
  core: Core,
  words: Uint8Array,
  rows: readonly number[],
  primes: number,
  then?: (row: number, prime: number) => void,
): void {
  const { n, kernels, memory } = core;
  memory.withBlock(n * 8, (staging) => {
    for (const [i, row] of rows.entries()) {
      const prime = i % primes;
      memory.bytes.set(words.subarray(i * n * 8, (i + 1) * n * 8), staging);
      if (!kernels.narrow(row, staging, n, core.moduli[prime].q))
        throw new RlweFormatError(`a residue that is not below its prime ${core.moduli[prime].q}`);
      then?.(row, prime);
    }
  });
}

export function importCiphertext(core: Core, bytes: Uint8Array): Ciphertext {
  const reader = new SealReader(bytes, 'ciphertext');
  const record = readCiphertext(reader, {
    ringDegree: core.n,
    primesOf: (id) => {
      const level = core.ids.indexOf(id, 1);
      return level >= 1 && level <= core.special ? level : undefined;
    },
  });
  reader.finish();
  const ciphertext = new Ciphertext(core, record.size, record.primes, record.scale);
  importWords(core, record.words, ciphertext.polynomials.flat(), record.primes);
  return ciphertext;
}

export function exportCiphertext(core: Core, ciphertext: Ciphertext): Uint8Array<ArrayBuffer> {
  const { n, kernels, memory } = core;
  const { level, size, scale } = ciphertext;
  const { bytes, start } = writeCiphertext(core.ids[level], n, size, level, scale);
  memory.withBlock(n * 8, (staging) => {
    for (const [i, row] of ciphertext.polynomials.flat().entries()) {
      kernels.widen(staging, row, n);
      bytes.set(memory.bytes.subarray(staging, staging + n * 8), start + i * n * 8);
    }
  });
  return bytes;
}
