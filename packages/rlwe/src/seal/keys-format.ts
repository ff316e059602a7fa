// SEAL's serialised key-switching keys: a list of slots, each empty or with one ciphertext a digit. Relinearisation keys
// use slot 0 (for the square of the secret), Galois keys slot (element - 1) / 2.
import { type CiphertextRecord, type Expected, readCiphertext } from './ciphertext-format.js';
import { SealReader } from './reader.js';

export interface KeyRecord {
  readonly slot: number;
  /** Digits, in the order of the data primes. */
  readonly digits: readonly CiphertextRecord[];
}

export interface ExpectedKeys extends Expected {
  readonly keyId: string;
  readonly digits: number;
}

/** All keys in the bytes. maxSlots: more slots than that are refused. */
export function readKeys(
  bytes: Uint8Array,
  what: string,
  maxSlots: number,
  expected: ExpectedKeys,
): KeyRecord[] {
  const reader = new SealReader(bytes, what);
  const keys = reader.object(() => {
    const id = reader.id();
    if (id !== expected.keyId)
      throw reader.fail(`they were made with other parameters than the evaluator's (identifier ${id})`);
    const slots = reader.count();
    if (slots > maxSlots) throw reader.fail(`${slots} slots; at most ${maxSlots} are expected`);
    const found: KeyRecord[] = [];
    for (let slot = 0; slot < slots; slot++) {
      const count = reader.count();
      if (count === 0) continue;
      if (count !== expected.digits)
        throw reader.fail(`${count} digits in a key where there are ${expected.digits} data primes`);
      const digits: CiphertextRecord[] = [];
      for (let i = 0; i < count; i++) {
        const digit = readCiphertext(reader, expected);
        if (digit.size !== 2) throw reader.fail(`${digit.size} polynomials in a digit of a key`);
        digits.push(digit);
      }
      found.push({ slot, digits });
    }
    return found;
  });
  reader.finish();
  return keys;
}
