/** The key of Deep-Lock: 16 or 32 random bytes. */
import { randomBytes } from 'node:crypto';
import { type Json, type KeyKind, keyFormat } from '../keys/key.js';

/** The body of a key. */
export interface DeepLockBody {
  /** The master key. */
  readonly secret: Uint8Array;
}

const LENGTHS = [16, 32];

function checked(secret: Uint8Array): DeepLockBody {
  if (!LENGTHS.includes(secret.length))
    throw keyFormat(`its secret has ${secret.length} bytes, not 16 or 32`);
  return { secret };
}

/** How keys of Deep-Lock are written. */
export const deepLockKey: KeyKind<DeepLockBody> = {
  kind: 'deep-lock',
  toJson: ({ secret }) => ({ secret: Buffer.from(secret).toString('hex') }),
  fromJson(json: Json): DeepLockBody {
    const { secret, ...others } = (json ?? {}) as Readonly<Record<string, Json>>;
    if (typeof secret !== 'string' || !/^([0-9a-f]{2})*$/.test(secret) || Object.keys(others).length > 0)
      throw keyFormat('its body is not a secret in hexadecimal digits');
    return checked(Uint8Array.from(Buffer.from(secret, 'hex')));
  },
  toBytes: ({ secret }) => Uint8Array.from(secret),
  fromBytes: (bytes) => checked(Uint8Array.from(bytes)),
};

/**
 * A new master key.
 * @param bits 128 or 256
 * @returns random bytes
 */
export const newSecret = (bits: 128 | 256): Uint8Array => Uint8Array.from(randomBytes(bits / 8));
