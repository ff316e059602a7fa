/**
 * Where on a tape the corrections of each operation are: the table of contents that comes before them.
 *
 * A row of 72 bytes an operation: scope (16 bytes, zeros for the main program), index (u32), zero (u32), SHA-256 of the
 * descriptor (32 bytes), bytes of all its corrections (u64), bytes of those of a whole chunk (u64). Numbers are
 * little-endian.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { readDescriptor } from '../dealer/read-request.js';
import { type DealerLimits, defaultLimits } from '../definition/dealer-limits.js';
import { opKey } from '../runtime/prg.js';
import { TapeError } from './errors.js';
import type { TapePlan } from './plan.js';

/** Bytes of a row. */
export const ROW_BYTES = 72;

/** The corrections of one operation. */
export interface TapeEntry {
  /** opKey of the operation. */
  readonly key: string;
  /** SHA-256 of its descriptor, in hexadecimal. */
  readonly digest: string;
  /** All of its corrections. */
  readonly bytes: number;
  /** Those of a whole chunk; `bytes` where it is not cut. */
  readonly chunkBytes: number;
}

/**
 * The table of a plan, before anything is dealt.
 * @param plan what is dealt for
 * @param limits of what an operation may cost, where they differ from the dealer's defaults
 * @returns an entry an operation, in the order of the plan
 * @throws DealerRequestError for an operation that makes no sense
 */
export function tableOf(plan: TapePlan, limits: Partial<DealerLimits> = {}): TapeEntry[] {
  const { parties, config, operations } = plan;
  return operations.map(({ scope, index, descriptor }) => {
    const { n, half } = readDescriptor(descriptor, parties, config.chunk, { ...defaultLimits, ...limits });
    const size = half.elementwise ? config.chunk : n;
    const wordsOf = (elements: number): number => (elements > 0 ? half.layout.correctionWords(elements) : 0);
    const chunkBytes = 8 * wordsOf(Math.min(size, n));
    const whole = size > 0 ? Math.floor(n / size) : 0;
    const rest = n - whole * size;
    const bytes = n <= size ? chunkBytes : whole * chunkBytes + 8 * wordsOf(rest);
    return { key: opKey({ scope, index }), digest: digestOf(descriptor), bytes, chunkBytes };
  });
}

/** SHA-256 of a descriptor, in hexadecimal. */
export const digestOf = (descriptor: string): string => bytesToHex(sha256(utf8ToBytes(descriptor)));

/**
 * Bytes of all corrections.
 * @param table of a tape
 * @returns their sum
 */
export const correctionBytes = (table: readonly TapeEntry[]): number =>
  table.reduce((sum, { bytes }) => sum + bytes, 0);

/**
 * A table as bytes: what a tape begins with.
 * @param table of a tape
 * @returns ROW_BYTES an entry
 */
export function encodeTable(table: readonly TapeEntry[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(table.length * ROW_BYTES);
  const view = new DataView(bytes.buffer);
  table.forEach((entry, i) => {
    const at = i * ROW_BYTES;
    const [scope, index] = entry.key.includes(':') ? entry.key.split(':') : ['', entry.key];
    bytes.set(hexToBytes(scope || '0'.repeat(32)), at);
    view.setUint32(at + 16, Number(index), true);
    bytes.set(hexToBytes(entry.digest), at + 24);
    view.setBigUint64(at + 56, BigInt(entry.bytes), true);
    view.setBigUint64(at + 64, BigInt(entry.chunkBytes), true);
  });
  return bytes;
}

/**
 * A table from its bytes.
 * @param bytes as of `encodeTable`
 * @param expected bytes of all corrections
 * @returns the entries
 * @throws TapeError TAPE_FORMAT where it is not a table of so many bytes
 */
export function parseTable(bytes: Uint8Array, expected: number): TapeEntry[] {
  const fail = (what: string): never => {
    throw new TapeError('TAPE_FORMAT', `the table of the tape is wrong: ${what}`);
  };
  if (bytes.length % ROW_BYTES !== 0) return fail('it is cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = (at: number): number => {
    const value = Number(view.getBigUint64(at, true));
    return value <= expected && value % 8 === 0 ? value : fail('a length');
  };
  const known = new Set<string>();
  const table = Array.from({ length: bytes.length / ROW_BYTES }, (_, i): TapeEntry => {
    const at = i * ROW_BYTES;
    const scope = bytesToHex(bytes.subarray(at, at + 16));
    const key = opKey({ scope: /^0+$/.test(scope) ? '' : scope, index: view.getUint32(at + 16, true) });
    if (view.getUint32(at + 20, true) !== 0) return fail('a reserved field');
    if (known.has(key)) return fail('an operation comes twice');
    known.add(key);
    const entry = {
      key,
      digest: bytesToHex(bytes.subarray(at + 24, at + 56)),
      bytes: length(at + 56),
      chunkBytes: length(at + 64),
    };
    if (entry.chunkBytes > entry.bytes || (entry.chunkBytes === 0 && entry.bytes > 0))
      return fail('the length of a chunk');
    return entry;
  });
  return correctionBytes(table) === expected ? table : fail('its lengths are not those of the tape');
}
