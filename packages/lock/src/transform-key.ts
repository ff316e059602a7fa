/** The key of a transform in the key files of all locks: 32 random bytes. It is of no model, kind or size of blocks. */
import { type Json, type KeyKind, keyFormat, type LockKey, newKeyId } from './keys/key.js';
import { KEY_BYTES } from './transforms/key-stream.js';

/** The body of a key. */
export interface TransformBody {
  /** What `blockTransform` takes. */
  readonly secret: Uint8Array;
}

function checked(secret: Uint8Array): TransformBody {
  if (secret.length !== KEY_BYTES) throw keyFormat(`its secret has ${secret.length} bytes, not ${KEY_BYTES}`);
  return { secret };
}

/** How keys of transforms are written. */
export const transformKey: KeyKind<TransformBody> = {
  kind: 'transform',
  toJson: ({ secret }) => ({ secret: Buffer.from(secret).toString('hex') }),
  fromJson(json: Json): TransformBody {
    const { secret, ...others } = (json ?? {}) as Readonly<Record<string, Json>>;
    if (typeof secret !== 'string' || !/^([0-9a-f]{2})*$/.test(secret) || Object.keys(others).length > 0)
      throw keyFormat('its body is not a secret in hexadecimal digits');
    return checked(Uint8Array.from(Buffer.from(secret, 'hex')));
  },
  toBytes: ({ secret }) => Uint8Array.from(secret),
  fromBytes: (bytes) => checked(Uint8Array.from(bytes)),
};

/**
 * A new key, from the machine's cryptographic randomness.
 * @returns the key, for `writeKey` and `blockTransform`
 * @example const key = newTransformKey(); await writeKey('images.key', transformKey, key, { passphrase });
 */
export const newTransformKey = (): LockKey<TransformBody> => ({
  kind: 'transform',
  id: newKeyId(),
  body: { secret: globalThis.crypto.getRandomValues(new Uint8Array(KEY_BYTES)) },
});
