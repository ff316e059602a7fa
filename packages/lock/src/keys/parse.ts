/** Reads the frame of a key file, in either form, and checks all of it that needs no passphrase. */
import { createHash } from 'node:crypto';
import { canonical, type Json, type KeyHeader, keyFormat, type LockKind, sha256 } from './key.js';
import { type SealParameters, sealFromJson } from './seal.js';

export const FORMAT = 'tacit-lock-key';
export const VERSION = 1;
/** How the binary form begins. */
export const MAGIC = 'TACITKEY';
const KINDS: readonly LockKind[] = ['adv-params', 'deep-lock', 'transform'];
const LARGEST_FILE = 64 * 2 ** 20;
const LARGEST_HEADER = 2 ** 16;
const HASH_BYTES = 32;

type JsonObject = Readonly<Record<string, Json>>;

/** A key file whose frame is right. */
export type Contents = { readonly header: JsonObject; readonly form: 'json' | 'binary' } & (
  | { readonly json: Json; readonly sealed?: undefined }
  | { readonly bytes: Uint8Array; readonly sealed?: SealParameters }
);

/**
 * The parts of a key file.
 * @param file its bytes
 * @returns the header, and the body: JSON or bytes, which may be sealed
 * @throws LockKeyError (`LOCK_KEY_FORMAT`) where it is no key, damaged, or an open one that was edited
 */
export function parseContents(file: Uint8Array): Contents {
  if (file.length > LARGEST_FILE) throw keyFormat(`it is larger than ${LARGEST_FILE / 2 ** 20} MiB`);
  const begin = Buffer.from(file.buffer, file.byteOffset, Math.min(file.length, MAGIC.length));
  return begin.toString('latin1') === MAGIC ? binaryContents(file) : jsonContents(file);
}

function jsonContents(file: Uint8Array): Contents {
  const { body, check, data, ...header } = objectOf(file);
  requireFormat(header);
  if (header.sealed !== undefined) {
    if (body !== undefined || check !== undefined) throw keyFormat('it is sealed and open');
    const bytes = typeof data === 'string' ? Buffer.from(data, 'base64') : undefined;
    if (!bytes || bytes.toString('base64') !== data) throw keyFormat('its data is not base64');
    return { header, form: 'json', sealed: sealFromJson(header.sealed), bytes };
  }
  if (body === undefined || data !== undefined) throw keyFormat('it has no body');
  if (check !== sha256(canonical({ ...header, body })))
    throw keyFormat('it was edited or damaged: its check does not match');
  return { header, form: 'json', json: body };
}

function binaryContents(file: Uint8Array): Contents {
  const start = MAGIC.length + 4;
  if (file.length < start) throw keyFormat('it is cut off');
  const length = new DataView(file.buffer, file.byteOffset, start).getUint32(MAGIC.length, true);
  if (length > LARGEST_HEADER || start + length > file.length) throw keyFormat('it is cut off or damaged');
  const text = file.subarray(start, start + length);
  const header = objectOf(text);
  requireFormat(header);
  if (canonical(header) !== Buffer.from(text).toString('utf8')) throw keyFormat('its header is damaged');
  if (header.sealed !== undefined)
    return {
      header,
      form: 'binary',
      sealed: sealFromJson(header.sealed),
      bytes: file.subarray(start + length),
    };
  const end = file.length - HASH_BYTES;
  if (end < start + length) throw keyFormat('it is cut off');
  const hash = createHash('sha256').update(file.subarray(0, end)).digest();
  if (!hash.equals(file.subarray(end))) throw keyFormat('it was edited or damaged: its check does not match');
  return { header, form: 'binary', bytes: file.subarray(start + length, end) };
}

function objectOf(file: Uint8Array): JsonObject {
  let json: Json;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file)) as Json;
  } catch (cause) {
    throw keyFormat('it is neither JSON nor the binary form of a key', { cause });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw keyFormat('it is another kind of JSON');
  return json as JsonObject;
}

function requireFormat({ format, version }: JsonObject): void {
  if (format !== FORMAT) throw keyFormat(`its format is not ${FORMAT}`);
  if (version !== VERSION)
    throw keyFormat(
      `it is of version ${String(version).slice(0, 20)}, and this release reads version ${VERSION}`,
    );
}

/**
 * What the header says.
 * @param header of a key file
 * @returns kind, id and model
 * @throws LockKeyError (`LOCK_KEY_FORMAT`) where something is missing, unknown or superfluous
 */
export function headerOf(header: JsonObject): KeyHeader {
  const { format: _format, version: _version, sealed: _sealed, kind, id, model, ...others } = header;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw keyFormat(`it has an unknown entry ${JSON.stringify(unknown.slice(0, 40))}`);
  const known = KINDS.find((name) => name === kind);
  if (!known) throw keyFormat('it is of no kind that this release knows');
  if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id)) throw keyFormat('it has no id');
  if (model === undefined) return { kind: known, id };
  const hashes =
    typeof model === 'object' && model !== null && !Array.isArray(model) ? (model as JsonObject) : {};
  const { original, locked, ...more } = hashes;
  if (!isHash(original) || !isHash(locked) || Object.keys(more).length > 0)
    throw keyFormat('its model is not given by two hashes');
  return { kind: known, id, model: { original, locked } };
}

const isHash = (value: Json | undefined): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
