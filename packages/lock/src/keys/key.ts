/**
 * What a key is, whatever lock it is of: which kind, which model it belongs to, and a body that only that kind of lock
 * understands.
 */
import { createHash, randomBytes } from 'node:crypto';
import { LockKeyError } from '../errors.js';
import { weightsHash } from '../weights/read.js';

/** The locks that have keys. */
export type LockKind = 'adv-params' | 'deep-lock' | 'transform';

/** The model that a key belongs to, by `weightsHash`. */
export interface KeyModel {
  /** Of what unlocking gives. */
  readonly original: string;
  /** Of the locked file. */
  readonly locked: string;
}

/** What is not secret about a key. */
export interface KeyHeader {
  readonly kind: LockKind;
  /** 16 hexadecimal digits at random, which the locked file names. */
  readonly id: string;
  /** Absent where a key is not for a model. */
  readonly model?: KeyModel;
}

/** A key. */
export interface LockKey<T> extends KeyHeader {
  /** Secret. */
  readonly body: T;
}

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * How the bodies of one kind of key are written: a table of these is all that the key files know of a lock. Readers check
 * everything, and throw `keyFormat(…)` for what cannot be.
 */
export interface KeyKind<T> {
  readonly kind: LockKind;
  /** The body of an open key in JSON. */
  toJson(body: T): Json;
  /** @throws LockKeyError (`LOCK_KEY_FORMAT`) where it is no such body */
  fromJson(json: Json): T;
  /** The body as bytes, which are what is sealed, and what the binary form holds. */
  toBytes(body: T): Uint8Array;
  /** @throws LockKeyError (`LOCK_KEY_FORMAT`) where they are no such body */
  fromBytes(bytes: Uint8Array): T;
}

/**
 * An error about the form of a key.
 * @param what what is wrong with it
 * @param options the cause
 * @returns the error, to be thrown
 */
export const keyFormat = (what: string, options?: ErrorOptions): LockKeyError =>
  new LockKeyError('LOCK_KEY_FORMAT', `not a key that can be read: ${what}`, options);

/**
 * A name for a new key.
 * @returns 16 hexadecimal digits
 */
export const newKeyId = (): string => randomBytes(8).toString('hex');

/**
 * Checks, before anything is written, that a key belongs to a locked file.
 * @param key the key
 * @param kind the kind of lock that is to be undone
 * @param locked the bytes of the locked file
 * @returns the model of the key
 * @throws LockKeyError (`LOCK_KEY_MODEL`) where the key is of another kind or model; as `readWeights` for the file
 * @example requireKeyOf(key, 'adv-params', file);
 */
export function requireKeyOf(key: KeyHeader, kind: LockKind, locked: Uint8Array): KeyModel {
  if (key.kind !== kind)
    throw new LockKeyError('LOCK_KEY_MODEL', `the key ${key.id} is of the lock ${key.kind}, not ${kind}`);
  const { model } = key;
  if (!model) throw new LockKeyError('LOCK_KEY_MODEL', `the key ${key.id} is not for a model`);
  const hash = weightsHash(locked);
  if (hash === model.locked) return model;
  if (hash === model.original)
    throw new LockKeyError(
      'LOCK_KEY_MODEL',
      `the model is not locked: it is what the key ${key.id} gives back`,
    );
  throw new LockKeyError(
    'LOCK_KEY_MODEL',
    `the key ${key.id} is for weights ${model.locked.slice(0, 16)}…, and these are ${hash.slice(0, 16)}…: another model, another lock of the same one, or weights that were changed after they were locked`,
  );
}

/** No key is nested deeper; a file that is means to exhaust the stack. */
const MAX_DEPTH = 32;

/**
 * JSON with one spelling: names in order, no spaces. What is hashed and authenticated is this.
 * @param json the value
 * @param depth how deep it is nested in another
 * @returns its text
 * @throws LockKeyError (`LOCK_KEY_FORMAT`) where it is nested too deep
 */
export function canonical(json: Json, depth = 0): string {
  if (depth > MAX_DEPTH) throw keyFormat(`it is nested more than ${MAX_DEPTH} deep`);
  if (Array.isArray(json)) return `[${json.map((entry) => canonical(entry, depth + 1)).join(',')}]`;
  if (typeof json !== 'object' || json === null) return JSON.stringify(json);
  const entries = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = entries.map(([name, value]) => `${JSON.stringify(name)}:${canonical(value, depth + 1)}`);
  return `{${texts.join(',')}}`;
}

/** SHA-256 in hexadecimal digits. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
