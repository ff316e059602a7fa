// SEAL's serialised ciphertext, compression mode none: header, identifier of the parameters, sizes, scale, words.
import { RlweFormatError } from '../errors.js';
import { ID_BYTES } from './parameters-id.js';
import { HEADER_BYTES, MAGIC, type SealReader, VERSION_MAJOR, VERSION_MINOR } from './reader.js';

/** What must be true of a ciphertext that is read. */
export interface Expected {
  readonly ringDegree: number;
  /** Number of primes for an identifier, or undefined if no parameters have it. */
  readonly primesOf: (id: string) => number | undefined;
}

export interface CiphertextRecord {
  readonly size: number;
  readonly primes: number;
  readonly scale: number;
  /** size * primes * ringDegree 64-bit words, little-endian, of any alignment. */
  readonly words: Uint8Array;
}

const MEMBERS_BYTES = ID_BYTES + 1 + 3 * 8 + 2 * 8;
const ARRAY_BYTES = HEADER_BYTES + 8;

export function readCiphertext(reader: SealReader, expected: Expected): CiphertextRecord {
  return reader.object(() => {
    const id = reader.id();
    const primes = expected.primesOf(id);
    if (primes === undefined)
      throw reader.fail(`it was made with other parameters than the evaluator's (identifier ${id})`);
    if (reader.byte() !== 1) throw reader.fail('the polynomials are not in transformed (NTT) form');
    const size = reader.count();
    if (size < 2 || size > 3) throw reader.fail(`${size} polynomials; 2 or 3 are supported`);
    const degree = reader.count();
    if (degree !== expected.ringDegree)
      throw reader.fail(`ring degree ${degree} instead of ${expected.ringDegree}`);
    const count = reader.count();
    if (count !== primes) throw reader.fail(`${count} primes where the parameters have ${primes}`);
    const scale = reader.double();
    if (!(Number.isFinite(scale) && scale > 0)) throw reader.fail(`scale ${scale}`);
    if (reader.count() !== 1) throw reader.fail('a correction factor, which CKKS does not have');
    const words = reader.object(() => {
      const length = reader.count();
      const needed = size * primes * degree;
      if (length !== needed)
        throw reader.fail(
          length === needed / 2
            ? 'it holds a seed instead of its second half; load it with SEAL and save it again'
            : `${length} words instead of ${needed}`,
        );
      return reader.take(length * 8);
    });
    return { size, primes, scale, words };
  });
}

/** Bytes of a ciphertext whose words are still to be written, and where they begin. */
export function writeCiphertext(
  id: string,
  ringDegree: number,
  size: number,
  primes: number,
  scale: number,
): { bytes: Uint8Array<ArrayBuffer>; start: number } {
  const words = size * primes * ringDegree;
  const start = HEADER_BYTES + MEMBERS_BYTES + ARRAY_BYTES;
  const bytes = new Uint8Array(start + words * 8);
  const view = new DataView(bytes.buffer);
  writeHeader(view, 0, bytes.length);
  for (let i = 0; i < ID_BYTES; i++)
    bytes[HEADER_BYTES + i] = Number.parseInt(id.slice(2 * i, 2 * i + 2), 16);
  let at = HEADER_BYTES + ID_BYTES;
  bytes[at++] = 1;
  for (const count of [size, ringDegree, primes]) {
    view.setBigUint64(at, BigInt(count), true);
    at += 8;
  }
  view.setFloat64(at, scale, true);
  view.setBigUint64(at + 8, 1n, true);
  at += 16;
  writeHeader(view, at, ARRAY_BYTES + words * 8);
  view.setBigUint64(at + HEADER_BYTES, BigInt(words), true);
  if (at + ARRAY_BYTES !== start) throw new RlweFormatError('a ciphertext was laid out wrongly');
  return { bytes, start };
}

function writeHeader(view: DataView, at: number, total: number): void {
  view.setUint16(at, MAGIC, true);
  view.setUint8(at + 2, HEADER_BYTES);
  view.setUint8(at + 3, VERSION_MAJOR);
  view.setUint8(at + 4, VERSION_MINOR);
  view.setBigUint64(at + 8, BigInt(total), true);
}
