/**
 * A party's shares as a file: written by all parties together, of use only where all of them are.
 *
 *     8 bytes    'TACITSHR'
 *     8 bytes    version, little-endian; 1
 *     8 bytes    length of the header, little-endian, a multiple of 8
 *     header     JSON in UTF-8, filled up with spaces: `SharesHeader`
 *     words      of each part of each tensor, 8 bytes an element, little-endian, row-major
 *     32 bytes   SHA-256 of all of the above
 *
 * The checksum finds damage, not forgery: whoever may write the file may also write another one. A file without the others
 * says nothing about the values; the header (names, shapes, scales) is public. Cost: one pass to hash, no copy of words.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bigintOfBytes, bytesOfBigint } from '@tacit/ring';
import { SharesFormatError } from './errors.js';

/** One number format of a tensor's shares; weights of two scales have two. */
export interface SharesPart {
  /** Fraction bits. */
  readonly scale: number;
  /** |v| <= 2^magnitude, as far as that is public. */
  readonly magnitude: number;
}

/** What is public about a tensor whose shares are kept. */
export interface SharesEntry {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether its scale was chosen for products. */
  readonly scaled: boolean;
  readonly parts: readonly SharesPart[];
}

/** Something that consists of tensors and of public values, such as the state of a model. */
export interface SharesRecord {
  /** The public part: what JSON holds, with null in place of each tensor. */
  readonly json: unknown;
  /** Where the tensors belong: the keys that lead there, and the name of an entry of the file. */
  readonly tensors: readonly { readonly path: readonly string[]; readonly entry: string }[];
}

/** What a file of shares belongs to, and what is in it. Everything but the rank is the same at all parties. */
export interface SharesHeader {
  /** Name of the save, 32 hexadecimal digits: the same at all parties, and at no other save. */
  readonly save: string;
  /** Suite of protocols. */
  readonly suite: string;
  readonly parties: number;
  readonly rank: number;
  /** Bits of an element. */
  readonly ring: number;
  readonly tensors: readonly SharesEntry[];
  /** What else was saved, by name; its tensors are among those above. */
  readonly records?: Readonly<Record<string, SharesRecord>>;
}

/** A file of shares as it was read. */
export interface SharesFile {
  readonly header: SharesHeader;
  /** Words of each part of each tensor, in their order: views of the file's memory where that is aligned. */
  readonly words: readonly BigUint64Array<ArrayBuffer>[];
}

const MAGIC = new TextEncoder().encode('TACITSHR');
const VERSION = 1n;
const PREFIX_BYTES = 24;
const DIGEST_BYTES = 32;
/** A header of this length names some hundred thousand tensors. */
const MOST_HEADER_BYTES = 2 ** 26;
const RING_BITS = 64;

/**
 * A file of shares, as pieces to be written one after the other.
 * @param header what the shares belong to
 * @param words of each part of each tensor, in the order of the header; not copied
 * @returns the pieces
 * @throws SharesFormatError where the words do not fill the header's shapes
 */
export function encodeShares(
  header: SharesHeader,
  words: readonly BigUint64Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer>[] {
  const sizes = partSizes(header);
  if (sizes.length !== words.length || sizes.some((size, i) => size !== words[i].length))
    throw new SharesFormatError('the words do not fill the shapes of the tensors');
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  if (length > MOST_HEADER_BYTES) throw new SharesFormatError('there are too many tensors for one file');
  const head = new Uint8Array(PREFIX_BYTES + length).fill(0x20);
  head.set(MAGIC);
  head.set(bytesOfBigint(VERSION, 8), 8);
  head.set(bytesOfBigint(BigInt(length), 8), 16);
  head.set(text, PREFIX_BYTES);
  const pieces = [head, ...words.map((w) => new Uint8Array(w.buffer, w.byteOffset, w.byteLength))];
  const hash = sha256.create();
  for (const piece of pieces) hash.update(piece);
  return [...pieces, new Uint8Array(hash.digest())];
}

/**
 * Reads and checks a whole file of shares.
 * @param file the bytes of the file
 * @returns what the shares belong to, and their words
 * @throws SharesFormatError where it is no such file, of another version, cut off or changed
 */
export function parseShares(file: Uint8Array<ArrayBuffer>): SharesFile {
  if (MAGIC.some((byte, i) => file[i] !== byte))
    throw new SharesFormatError('this is not a file of shares: it does not begin with TACITSHR');
  if (file.length < PREFIX_BYTES + DIGEST_BYTES) throw new SharesFormatError('the file is cut off');
  const version = bigintOfBytes(file.subarray(8, 16));
  if (version !== VERSION)
    throw new SharesFormatError(`the file has version ${version} of the format; ${VERSION} can be read`);
  const end = file.length - DIGEST_BYTES;
  const digest = sha256(file.subarray(0, end));
  if (digest.some((byte, i) => file[end + i] !== byte))
    throw new SharesFormatError('the file was cut off or changed: its checksum is another one');
  const length = Number(bigintOfBytes(file.subarray(16, 24)));
  if (length > MOST_HEADER_BYTES || length % 8 !== 0 || PREFIX_BYTES + length > end)
    throw new SharesFormatError(`the header cannot have ${length} bytes`);
  const header = headerOf(file.subarray(PREFIX_BYTES, PREFIX_BYTES + length));
  const sizes = partSizes(header);
  const total = 8 * sizes.reduce((sum, size) => sum + size, 0);
  if (total !== end - PREFIX_BYTES - length)
    throw new SharesFormatError(`the tensors have ${total} bytes, ${end - PREFIX_BYTES - length} are there`);
  // A small file may lie anywhere in memory that it shares with others.
  const aligned = file.byteOffset % 8 === 0 ? file : file.slice();
  let at = aligned.byteOffset + PREFIX_BYTES + length;
  const words = sizes.map((size) => {
    const part = new BigUint64Array(aligned.buffer, at, size);
    at += 8 * size;
    return part;
  });
  return { header, words };
}

const partSizes = ({ tensors }: SharesHeader): number[] =>
  tensors.flatMap(({ shape, parts }) => parts.map(() => shape.reduce((a, b) => a * b, 1)));

function headerOf(bytes: Uint8Array): SharesHeader {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new SharesFormatError('the header is not JSON', { cause });
  }
  if (!isHeader(header)) throw new SharesFormatError('the header lacks what it has to say, or says too much');
  return header;
}

const MOST_ELEMENTS = 2 ** 40;
const count = (x: unknown, most: number): x is number =>
  typeof x === 'number' && Number.isInteger(x) && x >= 0 && x <= most;

function isHeader(x: unknown): x is SharesHeader {
  if (typeof x !== 'object' || x === null) return false;
  const { records = {}, ...rest } = x as Record<string, unknown>;
  if (!hasExactly(rest, ['save', 'suite', 'parties', 'rank', 'ring', 'tensors'])) return false;
  const { save, suite, parties, rank, ring, tensors } = rest;
  return (
    typeof save === 'string' &&
    /^[0-9a-f]{32}$/.test(save) &&
    typeof suite === 'string' &&
    count(parties, 64) &&
    count(rank, parties - 1) &&
    ring === RING_BITS &&
    Array.isArray(tensors) &&
    tensors.every(isEntry) &&
    new Set(tensors.map(({ name }) => name)).size === tensors.length &&
    areRecords(
      records,
      tensors.map(({ name }) => name),
    )
  );
}

/** Whether each names entries of its own. */
function areRecords(x: unknown, entries: readonly string[]): boolean {
  if (typeof x !== 'object' || x === null || Array.isArray(x)) return false;
  const left = new Set(entries);
  return Object.entries(x).every(([name, record]) => {
    if (left.has(name) || !hasExactly(record, ['json', 'tensors']) || !Array.isArray(record.tensors))
      return false;
    return record.tensors.every(
      (place) =>
        hasExactly(place, ['path', 'entry']) &&
        Array.isArray(place.path) &&
        place.path.every((key) => typeof key === 'string') &&
        typeof place.entry === 'string' &&
        left.delete(place.entry),
    );
  });
}

function isEntry(x: unknown): x is SharesEntry {
  if (!hasExactly(x, ['name', 'shape', 'scaled', 'parts'])) return false;
  const { name, shape, scaled, parts } = x;
  return (
    typeof name === 'string' &&
    Array.isArray(shape) &&
    shape.every((d) => count(d, MOST_ELEMENTS)) &&
    count(
      shape.reduce((a, b) => a * b, 1),
      MOST_ELEMENTS,
    ) &&
    typeof scaled === 'boolean' &&
    Array.isArray(parts) &&
    (parts.length === 1 || parts.length === 2) &&
    parts.every(isPart)
  );
}

const isPart = (x: unknown): x is SharesPart =>
  hasExactly(x, ['scale', 'magnitude']) &&
  count(x.scale, 62) &&
  typeof x.magnitude === 'number' &&
  Number.isFinite(x.magnitude) &&
  x.magnitude <= 64;

function hasExactly<K extends string>(x: unknown, keys: readonly K[]): x is Record<K, unknown> {
  if (typeof x !== 'object' || x === null) return false;
  return Object.keys(x).length === keys.length && keys.every((key) => Object.hasOwn(x, key));
}
