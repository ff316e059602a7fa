/**
 * Keys that tapes are sealed to, and come from: X25519, apart from those of connections and identities. A secret key is a
 * file of one line that only its user may read; a public key is `tape-` and 64 hexadecimal digits.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { TapeError } from '@tacit/mpc';
import { createFile, readPrivate } from './disk.js';
import { type KeyPair, suite } from './seal.js';

/** A tape key as people and files write it. */
const PUBLIC = /^tape-[0-9a-f]{64}$/;
const SECRET = /^tacit-tape-key-1 ([0-9a-f]{64})\n?$/;
/** What comes before the 32 bytes of a key of X25519 in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** A member's own key pair. */
export interface TapeKeys extends KeyPair {
  /** As others write it down: `tape-…`. */
  readonly publicText: string;
}

/**
 * Whether a text is a public key of a member.
 * @param text that somebody gave
 * @returns true for `tape-` and 64 hexadecimal digits
 */
export const isPublicKey = (text: string): boolean => PUBLIC.test(text);

/**
 * The bytes of a public key.
 * @param text as of `isPublicKey`
 * @returns 32 bytes
 * @throws TapeError TAPE_KEY where it is not one
 */
export function publicKeyBytes(text: string): Uint8Array<ArrayBuffer> {
  if (!isPublicKey(text))
    throw new TapeError(
      'TAPE_KEY',
      `a public key of tapes is tape- and 64 hexadecimal digits, not '${text}'`,
    );
  return new Uint8Array(Buffer.from(text.slice('tape-'.length), 'hex'));
}

/**
 * Makes a key pair, and a file of the secret key that only this user may read. It takes the place of no file.
 * @param path where the secret key goes
 * @returns the public key, for the dealer and the other members
 * @throws FileError where the file cannot be made, or there is one
 * @example const publicKey = await createTapeKey('alice.tapekey'); // 'tape-5f…'
 */
export async function createTapeKey(path: string): Promise<string> {
  const { kem } = suite;
  const { privateKey } = await kem.generateKeyPair();
  const secret = Buffer.from(await kem.serializePrivateKey(privateKey));
  const { publicText } = await keysFrom(secret);
  createFile(path, Buffer.from(`tacit-tape-key-1 ${secret.toString('hex')}\n`));
  secret.fill(0);
  return publicText;
}

/**
 * Reads a secret key.
 * @param path of a file that `createTapeKey` made
 * @returns the pair
 * @throws FileError where it cannot be read, TapeError TAPE_KEY_FILE where it is no key, or others can read it
 */
export async function readTapeKey(path: string): Promise<TapeKeys> {
  const match = SECRET.exec(readPrivate(path).toString('latin1'));
  if (!match)
    throw new TapeError('TAPE_KEY_FILE', `${path} is not a secret key that 'tacit tapes keygen' made`);
  return keysFrom(Buffer.from(match[1], 'hex'));
}

async function keysFrom(secret: Buffer): Promise<TapeKeys> {
  const { kem } = suite;
  const own = createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(own).export({ format: 'jwk' });
  const bytes = Buffer.from(String(x), 'base64url');
  return {
    privateKey: await kem.deserializePrivateKey(new Uint8Array(secret).buffer),
    publicKey: await kem.deserializePublicKey(new Uint8Array(bytes).buffer),
    publicText: `tape-${bytes.toString('hex')}`,
  };
}
