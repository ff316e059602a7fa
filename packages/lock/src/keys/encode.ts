/**
 * The key file, version 1, of all locks. In JSON:
 *
 *     { "format": "tacit-lock-key", "version": 1, "kind": …, "id": …, "model": { "original": …, "locked": … },
 *       "body": …, "check": SHA-256 }                            open
 *       "sealed": { scrypt, AES-256-GCM … }, "data": base64 }    sealed by a passphrase
 *
 * and in a binary form of the same contents: `TACITKEY`, the length of the header (4 bytes, little-endian), the header as
 * canonical JSON, and the body as bytes: sealed, or open with the SHA-256 of all before it. The check of an open key finds
 * edits and damage; it is no secret and no signature. The bytes that are sealed are the same in both forms.
 */
import { createHash } from 'node:crypto';
import { LockKeyError } from '../errors.js';
import { canonical, type Json, type KeyHeader, type KeyKind, type LockKey, sha256 } from './key.js';
import { type Contents, FORMAT, headerOf, MAGIC, parseContents, VERSION } from './parse.js';
import { newSeal, type ScryptCost, seal, sealToJson, unseal } from './seal.js';

/** How a key is written. */
export interface KeyWriteOptions {
  /** Seals the key. Without one it is open: whoever reads the file has the key. */
  readonly passphrase?: string;
  /** Default 'json'. */
  readonly form?: 'json' | 'binary';
  /** Costs of scrypt; default 128 MiB and some tenths of a second. */
  readonly scrypt?: ScryptCost;
}

/** How a key is read. */
export interface KeyReadOptions {
  /** Of a sealed key; a function is asked only where the key is sealed. */
  readonly passphrase?: string | (() => string | Promise<string>);
}

/**
 * A key as a file.
 * @param kind how bodies of its kind are written
 * @param key the key
 * @param options passphrase and form
 * @returns the bytes of the file
 * @throws ArgumentError for an empty passphrase
 */
export async function encodeKey<T>(
  kind: KeyKind<T>,
  key: LockKey<T>,
  options: KeyWriteOptions = {},
): Promise<Uint8Array> {
  const { passphrase, form = 'json', scrypt } = options;
  const open: Readonly<Record<string, Json>> = {
    format: FORMAT,
    version: VERSION,
    kind: key.kind,
    id: key.id,
    ...(key.model ? { model: { original: key.model.original, locked: key.model.locked } } : {}),
  };
  if (passphrase === undefined) {
    if (form === 'json') {
      const whole = { ...open, body: kind.toJson(key.body) };
      return jsonFile({ ...whole, check: sha256(canonical(whole)) });
    }
    const file = binaryFile(canonical(open), kind.toBytes(key.body));
    return Buffer.concat([file, createHash('sha256').update(file).digest()]);
  }
  const parameters = newSeal(scrypt);
  const header = { ...open, sealed: sealToJson(parameters) };
  const body = kind.toBytes(key.body);
  const data = await seal(body, passphrase, parameters, canonical(header)).finally(() => body.fill(0));
  return form === 'json'
    ? jsonFile({ ...header, data: Buffer.from(data).toString('base64') })
    : binaryFile(canonical(header), data);
}

const jsonFile = (json: Json): Uint8Array => Buffer.from(`${JSON.stringify(json, null, 2)}\n`);

function binaryFile(header: string, body: Uint8Array): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from(MAGIC), length, text, body]);
}

/**
 * A key from its file.
 * @param kind how bodies of its kind are written
 * @param file the bytes of the file, in either form
 * @param options the passphrase of a sealed key
 * @returns the key
 * @throws LockKeyError (`LOCK_KEY_FORMAT`) where it is no key, damaged or edited, (`LOCK_KEY_MODEL`) where it is of
 * another kind, (`LOCK_KEY_PASSPHRASE`) where the passphrase is missing or wrong
 */
export async function decodeKey<T>(
  kind: KeyKind<T>,
  file: Uint8Array,
  options: KeyReadOptions = {},
): Promise<LockKey<T>> {
  const contents = parseContents(file);
  const header = headerOf(contents.header);
  if (header.kind !== kind.kind)
    throw new LockKeyError(
      'LOCK_KEY_MODEL',
      `the key ${header.id} is of the lock ${header.kind}, not ${kind.kind}`,
    );
  return { ...header, body: await bodyOf(kind, contents, options) };
}

async function bodyOf<T>(kind: KeyKind<T>, contents: Contents, options: KeyReadOptions): Promise<T> {
  if ('json' in contents) return kind.fromJson(contents.json);
  if (!contents.sealed) return kind.fromBytes(contents.bytes);
  const given = options.passphrase;
  const passphrase = typeof given === 'function' ? await given() : given;
  if (passphrase === undefined || passphrase === '')
    throw new LockKeyError('LOCK_KEY_PASSPHRASE', 'the key is sealed, and no passphrase was given');
  const body = await unseal(contents.bytes, passphrase, contents.sealed, canonical(contents.header));
  try {
    return kind.fromBytes(body);
  } finally {
    body.fill(0);
  }
}

/** What a key file says without its secrets. */
export interface KeyInfo extends KeyHeader {
  readonly sealed: boolean;
  readonly form: 'json' | 'binary';
}

/**
 * What a key file is, without a passphrase. Only of open keys is it checked that they were not changed.
 * @param file the bytes of the file
 * @returns what is not secret
 * @throws LockKeyError (`LOCK_KEY_FORMAT`) where it is no key, damaged or edited
 */
export function inspectKey(file: Uint8Array): KeyInfo {
  const contents = parseContents(file);
  return { ...headerOf(contents.header), sealed: contents.sealed !== undefined, form: contents.form };
}

/**
 * Whether a file means to be a key, be it a damaged one.
 * @param file its bytes
 * @returns false for models and other files
 */
export function looksLikeKey(file: Uint8Array): boolean {
  const begin = Buffer.from(file.buffer, file.byteOffset, Math.min(file.length, 4096)).toString('latin1');
  return begin.startsWith(MAGIC) || (/^\s*\{/.test(begin) && begin.includes(FORMAT));
}
