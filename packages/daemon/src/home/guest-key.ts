/** The key by which guests know a process: X25519, as Noise uses it, since a web page cannot pin a certificate. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { noisePublicKey } from '@tacit/comm/noise';
import { createOwn, readOwn } from '@tacit/identity';
import { GuestKeyError } from '../errors.js';

/** A key pair, 32 bytes each. */
export interface GuestKey {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/**
 * The key of a home, made at the first call and kept in `guest.key`, which only its owner may read. Guests have its public
 * half in their invites, so it stays for as long as these are to be used.
 * @param home the folder
 * @returns the pair
 * @throws GuestKeyError where the file holds something else, IdentityError where others can read it, FileError
 */
export function guestKeyOf(home: string): GuestKey {
  const path = join(home, 'guest.key');
  // Of several processes that find no file one makes it, and all read that.
  if (readOwn(path, true) === undefined) createOwn(path, `${randomBytes(32).toString('hex')}\n`);
  const text = readOwn(path, true)?.trim() ?? '';
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new GuestKeyError(
      `${path} is no key of guests: restore it, or remove it, and all invites to services with it`,
    );
  const secretKey = Uint8Array.from(Buffer.from(text, 'hex'));
  return { secretKey, publicKey: noisePublicKey(secretKey) };
}
