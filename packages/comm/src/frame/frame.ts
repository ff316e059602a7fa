/**
 * The binary encoding of a frame: a list of keyed payloads.
 *
 *   u8  magic 0x54   u8 version 1   u16 zero   u32 count
 *   count times:  u32 payload length   u16 key length   u16 flags   key (UTF-8)
 *   zeros up to a multiple of 8
 *   for each entry that is not apart:  payload   zeros up to a multiple of 8
 *
 * Flag 1 says that the payload is apart: it follows the frame in a way that the transport knows.
 * Integers are little-endian. Every payload starts at a multiple of 8, so decoding makes views and copies
 * nothing. Decoding is strict: a frame that this encoder would not have produced is a violation.
 * Cost: one pass over the payloads to encode; to decode, work per entry only.
 */
import { CommArgumentError, FrameTooLargeError, ProtocolViolationError } from '../errors.js';
import type { Entry, Key } from '../transport.js';

const MAGIC = 0x54;
const VERSION = 1;
const HEADER_BYTES = 8;
const ENTRY_BYTES = 8;
const APART = 1;

/** The largest frame: 2 GiB - 1, the largest that every runtime can hold in one buffer. */
export const MAX_FRAME_BYTES = 2 ** 31 - 1;
/** The longest key in UTF-8 bytes. */
const MAX_KEY_BYTES = 65_535;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LONE_SURROGATE = /\p{Surrogate}/u;

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** UTF-8 length of `key`. Throws `CommArgumentError` on text that UTF-8 cannot carry or that is too long. */
export function keyBytes(key: Key): number {
  let bytes = key.length;
  for (let i = 0; i < key.length; i++) {
    if (key.charCodeAt(i) >= 0x80) {
      if (LONE_SURROGATE.test(key)) throw new CommArgumentError('a key contains half of a surrogate pair');
      bytes = encoder.encode(key).length;
      break;
    }
  }
  if (bytes > MAX_KEY_BYTES)
    throw new CommArgumentError(`a key of ${bytes} bytes exceeds the limit of ${MAX_KEY_BYTES}`);
  return bytes;
}

/**
 * The number of bytes that `encodeFrame(entries)` produces. Throws `FrameTooLargeError` above the limit,
 * `CommArgumentError` on a key that cannot travel.
 */
export function frameBytes(entries: readonly Entry[]): number {
  let table = HEADER_BYTES;
  let payloads = 0;
  for (const { key, payload } of entries) {
    table += ENTRY_BYTES + keyBytes(key);
    payloads += padded(payload.byteLength);
  }
  const total = padded(table) + payloads;
  if (total > MAX_FRAME_BYTES) throw new FrameTooLargeError(total, MAX_FRAME_BYTES);
  return total;
}

/** Encodes `entries` into a fresh buffer. The payloads are copied and stay the caller's. */
export function encodeFrame(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  return encode(entries, frameBytes(entries), Number.POSITIVE_INFINITY);
}

/** Encodes `entries` without the payloads of `apartBytes` (at least 1) or more, which are marked as apart. */
export function encodeFrameHead(entries: readonly Entry[], apartBytes: number): Uint8Array<ArrayBuffer> {
  let total = frameBytes(entries);
  for (const { payload } of entries)
    if (payload.byteLength >= apartBytes) total -= padded(payload.byteLength);
  return encode(entries, total, apartBytes);
}

function encode(entries: readonly Entry[], total: number, apartBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  bytes[0] = MAGIC;
  bytes[1] = VERSION;
  view.setUint32(4, entries.length, true);
  let at = HEADER_BYTES;
  for (const { key, payload } of entries) {
    const length = writeKey(key, bytes, at + ENTRY_BYTES);
    view.setUint32(at, payload.byteLength, true);
    view.setUint16(at + 4, length, true);
    view.setUint16(at + 6, payload.byteLength >= apartBytes ? APART : 0, true);
    at += ENTRY_BYTES + length;
  }
  at = padded(at);
  for (const { payload } of entries) {
    if (payload.byteLength >= apartBytes) continue;
    bytes.set(payload, at);
    at += padded(payload.byteLength);
  }
  return bytes;
}

/** An entry of a frame; without a payload if that is apart. */
export interface HeadEntry {
  readonly key: Key;
  readonly length: number;
  readonly payload: Uint8Array | undefined;
}

/**
 * Decodes one frame. The payloads are views of `buffer` at multiples of 8 that do not overlap.
 * Throws `ProtocolViolationError` on anything but a frame that `encodeFrame` makes.
 */
export function decodeFrame(buffer: ArrayBuffer): Entry[] {
  return decodeFrameHead(buffer).map(({ key, payload }) => ({
    key,
    payload: payload ?? fail('a payload of a frame is missing'),
  }));
}

/** Decodes a frame of which payloads may be apart. Throws `ProtocolViolationError` as `decodeFrame` does. */
export function decodeFrameHead(buffer: ArrayBuffer): HeadEntry[] {
  const total = buffer.byteLength;
  if (total < HEADER_BYTES) fail(`a frame of ${total} bytes has no header`);
  const bytes = new Uint8Array(buffer);
  const view = new DataView(buffer);
  if (bytes[0] !== MAGIC) fail('a frame begins with a wrong magic number');
  if (bytes[1] !== VERSION) fail(`a frame has version ${bytes[1]}, expected ${VERSION}`);
  if (view.getUint16(2, true) !== 0) fail('a reserved field of a frame is not zero');
  const count = view.getUint32(4, true);
  if (count > (total - HEADER_BYTES) / ENTRY_BYTES) fail(`a frame of ${total} bytes claims ${count} entries`);

  const table: { key: Key; length: number; apart: boolean }[] = [];
  let at = HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > total) fail('the table of a frame is cut off');
    const length = view.getUint32(at, true);
    const keyLength = view.getUint16(at + 4, true);
    const flags = view.getUint16(at + 6, true);
    if (flags > APART || (flags === APART && length === 0)) fail('an entry of a frame has impossible flags');
    at += ENTRY_BYTES;
    if (at + keyLength > total) fail('a key of a frame is cut off');
    table.push({ key: readKey(bytes, at, keyLength), length, apart: flags === APART });
    at += keyLength;
  }
  at = skipPadding(bytes, at);

  const entries = table.map(({ key, length, apart }): HeadEntry => {
    if (apart) return { key, length, payload: undefined };
    if (at + length > total) fail('a payload of a frame is cut off');
    const payload = new Uint8Array(buffer, at, length);
    at = skipPadding(bytes, at + length);
    return { key, length, payload };
  });
  if (at !== total) fail(`a frame has ${total - at} bytes too many`);
  return entries;
}

function fail(detail: string): never {
  throw new ProtocolViolationError(detail);
}

function skipPadding(bytes: Uint8Array, from: number): number {
  const to = padded(from);
  if (to > bytes.length) fail('the padding of a frame is cut off');
  for (let i = from; i < to; i++) if (bytes[i] !== 0) fail('the padding of a frame is not zero');
  return to;
}

/** Keys are nearly always short ASCII, where a plain loop beats the text codecs several times. */
function writeKey(key: Key, into: Uint8Array, at: number): number {
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    if (code >= 0x80) return encoder.encodeInto(key, into.subarray(at)).written;
    into[at + i] = code;
  }
  return key.length;
}

function readKey(bytes: Uint8Array, at: number, length: number): Key {
  if (length <= 64) {
    let text = '';
    for (let i = at; i < at + length; i++) {
      const code = bytes[i] as number;
      if (code >= 0x80) break;
      text += String.fromCharCode(code);
    }
    if (text.length === length) return text;
  }
  try {
    return decoder.decode(bytes.subarray(at, at + length));
  } catch {
    return fail('a key is not UTF-8');
  }
}
