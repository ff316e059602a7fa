/** AES-256-GCM, X25519 and SHA-256 of Node.js's OpenSSL, which answer at once: no promise for each record. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import type { Primitives } from './primitives.js';

/** As in aead.ts, which would load the portable cipher. */
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const ALGORITHM = 'aes-256-gcm';
const OPTIONS = { authTagLength: TAG_BYTES } as const;

/** RFC 8410: what stands before the 32 bytes of a secret key in DER. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/**
 * Node.js 20 takes twenty times as long to read DER as for a product, and each key takes part in several. Fresh keys are
 * not made by `generateKeyPairSync`, which would be faster there: a key that it made must not be exported. Where garbage is
 * collected during the export, and with it what made the key, both want one lock, and the process stands still for ever
 * (seen in Node.js 20.20 after some ten thousand keys).
 */
const secrets = new WeakMap<Uint8Array, { readonly bytes: Buffer; readonly key: KeyObject }>();

function secretOf(secretKey: Uint8Array): KeyObject {
  const known = secrets.get(secretKey);
  if (known && timingSafeEqual(known.bytes, checked(secretKey))) return known.key;
  const bytes = Buffer.from(checked(secretKey));
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, bytes]), format: 'der', type: 'pkcs8' });
  secrets.set(secretKey, { bytes, key });
  return key;
}

const publicOf = (publicKey: Uint8Array): KeyObject =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'X25519', x: Buffer.from(checked(publicKey)).toString('base64url') },
    format: 'jwk',
  });

/** OpenSSL ignores bytes that are too many. */
function checked(key: Uint8Array): Uint8Array {
  if (key.length !== KEY_BYTES) throw new Error(`a key has ${KEY_BYTES} bytes, not ${key.length}`);
  return key;
}

export const nodePrimitives: Primitives = {
  seal: (key, nonce, ad, plaintext) => {
    const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS);
    cipher.setAAD(ad);
    const body = cipher.update(plaintext);
    return Buffer.concat([body, cipher.final(), cipher.getAuthTag()]);
  },
  open: (key, nonce, ad, sealed) => {
    if (sealed.length < TAG_BYTES) throw new Error('a message is shorter than its tag');
    const end = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS);
    decipher.setAAD(ad);
    decipher.setAuthTag(sealed.subarray(end));
    const body = decipher.update(sealed.subarray(0, end));
    decipher.final();
    return body;
  },
  publicKey: (secretKey) =>
    new Uint8Array(
      Buffer.from(createPublicKey(secretOf(secretKey)).export({ format: 'jwk' }).x ?? '', 'base64url'),
    ),
  sharedSecret: (secretKey, publicKey) =>
    new Uint8Array(diffieHellman({ privateKey: secretOf(secretKey), publicKey: publicOf(publicKey) })),
  sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
  hkdf: (material, salt, length) =>
    new Uint8Array(hkdfSync('sha256', material, salt, new Uint8Array(0), length)),
};
