/** AES-256-GCM and X25519 of Node.js's OpenSSL, which answer at once: no promise for each record. */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto';
import type { Primitives } from './primitives.js';

/** As in aead.ts, which would load the portable cipher. */
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const ALGORITHM = 'aes-256-gcm';
const OPTIONS = { authTagLength: TAG_BYTES } as const;

/** RFC 8410: what stands before the 32 bytes of an X25519 key in DER. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');

const secretOf = (key: Uint8Array): KeyObject =>
  createPrivateKey({ key: derOf(PKCS8, key), format: 'der', type: 'pkcs8' });

/** OpenSSL ignores bytes that are too many. */
function derOf(header: Buffer, key: Uint8Array): Buffer {
  if (key.length !== KEY_BYTES) throw new Error(`a key has ${KEY_BYTES} bytes, not ${key.length}`);
  return Buffer.concat([header, key]);
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
      createPublicKey(secretOf(secretKey)).export({ format: 'der', type: 'spki' }).subarray(SPKI.length),
    ),
  sharedSecret: (secretKey, publicKey) =>
    new Uint8Array(
      diffieHellman({
        privateKey: secretOf(secretKey),
        publicKey: createPublicKey({ key: derOf(SPKI, publicKey), format: 'der', type: 'spki' }),
      }),
    ),
};
