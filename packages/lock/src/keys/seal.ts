/**
 * Sealing by a passphrase: scrypt (RFC 7914) makes a key of it, AES-256-GCM encrypts and authenticates. The header of the
 * key file is additional data, so that nothing of it can be changed either.
 *
 * Reading bounds what scrypt may cost before it runs: a key file from somebody else must not eat memory.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { ArgumentError } from '@tacit/errors';
import { LockKeyError } from '../errors.js';
import { type Json, keyFormat } from './key.js';

/** The costs of scrypt: 128 r n bytes of memory, p times the work. */
export interface ScryptCost {
  /** A power of two. */
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and some tenths of a second. */
export const DEFAULT_COST: ScryptCost = { n: 2 ** 17, r: 8, p: 1 };
/** Most memory that a key file may ask for. */
const LARGEST_MEMORY = 512 * 2 ** 20;
const LARGEST_P = 4;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/** What the file says of how it was sealed. */
export interface SealParameters extends ScryptCost {
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
}

/**
 * Parameters for a new file.
 * @param cost of scrypt
 * @returns the cost, a salt and a nonce
 * @throws ArgumentError where the cost is not one that is read again
 */
export function newSeal(cost: ScryptCost = DEFAULT_COST): SealParameters {
  const wrong = costProblem(cost);
  if (wrong) throw new ArgumentError(`scrypt: ${wrong}`);
  return { ...cost, salt: randomBytes(SALT_BYTES), nonce: randomBytes(NONCE_BYTES) };
}

/**
 * What is wrong with the cost of scrypt.
 * @param cost as in a file
 * @returns undefined where it is fine
 */
function costProblem({ n, r, p }: ScryptCost): string | undefined {
  if (![n, r, p].every((value) => Number.isSafeInteger(value) && value >= 1))
    return 'n, r and p are whole numbers';
  if (n < 2 || n > 2 ** 30 || 2 ** Math.round(Math.log2(n)) !== n) return `n is a power of two, not ${n}`;
  if (p > LARGEST_P) return `p is at most ${LARGEST_P}, not ${p}`;
  if (128 * n * r > LARGEST_MEMORY)
    return `it asks for ${Math.round((128 * n * r) / 2 ** 20)} MiB of memory, of at most ${LARGEST_MEMORY / 2 ** 20}`;
  return undefined;
}

/**
 * The parameters as JSON.
 * @param parameters of a file
 * @returns what the file says
 */
export const sealToJson = ({ n, r, p, salt, nonce }: SealParameters): Json => ({
  kdf: 'scrypt',
  n,
  r,
  p,
  salt: Buffer.from(salt).toString('base64'),
  cipher: CIPHER,
  nonce: Buffer.from(nonce).toString('base64'),
});

/**
 * The parameters in a file.
 * @param json what it says
 * @returns the parameters, within their bounds
 * @throws LockKeyError (`LOCK_KEY_FORMAT`) where they are none
 */
export function sealFromJson(json: Json | undefined): SealParameters {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw keyFormat('it is sealed in no known way');
  const { kdf, n, r, p, salt, cipher, nonce, ...others } = json as Readonly<Record<string, Json>>;
  if (kdf !== 'scrypt' || cipher !== CIPHER || Object.keys(others).length > 0)
    throw keyFormat('it is sealed in a way that this release does not know');
  const cost = { n: Number(n), r: Number(r), p: Number(p) };
  const wrong = costProblem(cost);
  if (wrong) throw keyFormat(`scrypt: ${wrong}`);
  return {
    ...cost,
    salt: bytesOf(salt, 'salt', 16, 64),
    nonce: bytesOf(nonce, 'nonce', NONCE_BYTES, NONCE_BYTES),
  };
}

function bytesOf(text: Json | undefined, name: string, least: number, most: number): Uint8Array {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (bytes.toString('base64') !== text || bytes.length < least || bytes.length > most)
    throw keyFormat(`its ${name} is not ${least === most ? least : `${least} to ${most}`} bytes in base64`);
  return bytes;
}

/**
 * Seals.
 * @param body what is secret
 * @param passphrase which opens it
 * @param parameters of the file
 * @param header what is authenticated with it
 * @returns the encrypted body and its tag
 * @throws ArgumentError for an empty passphrase
 */
export async function seal(
  body: Uint8Array,
  passphrase: string,
  parameters: SealParameters,
  header: string,
): Promise<Uint8Array> {
  if (passphrase === '') throw new ArgumentError('an empty passphrase seals nothing');
  const key = await derive(passphrase, parameters);
  try {
    const cipher = createCipheriv(CIPHER, key, parameters.nonce).setAAD(Buffer.from(header));
    return Buffer.concat([cipher.update(body), cipher.final(), cipher.getAuthTag()]);
  } finally {
    key.fill(0);
  }
}

/**
 * Opens.
 * @param sealed the encrypted body and its tag
 * @param passphrase with which it was sealed
 * @param parameters of the file
 * @param header what was authenticated with it
 * @returns the body
 * @throws LockKeyError (`LOCK_KEY_FORMAT`) where it is too short, (`LOCK_KEY_PASSPHRASE`) where it does not open
 */
export async function unseal(
  sealed: Uint8Array,
  passphrase: string,
  parameters: SealParameters,
  header: string,
): Promise<Uint8Array> {
  if (sealed.length < TAG_BYTES) throw keyFormat('it is cut off');
  const key = await derive(passphrase, parameters);
  const end = sealed.length - TAG_BYTES;
  try {
    const decipher = createDecipheriv(CIPHER, key, parameters.nonce).setAAD(Buffer.from(header));
    decipher.setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  } catch (cause) {
    throw new LockKeyError(
      'LOCK_KEY_PASSPHRASE',
      'the key does not open: the passphrase is wrong, or the file was changed',
      { cause },
    );
  } finally {
    key.fill(0);
  }
}

/** The same passphrase typed on another keyboard may come in another normal form. */
const derive = (passphrase: string, { n, r, p, salt }: SealParameters): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const costs = { N: n, r, p, maxmem: 128 * r * (n + p + 2) + 2 ** 20 };
    scrypt(passphrase.normalize('NFKC'), salt, 32, costs, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
