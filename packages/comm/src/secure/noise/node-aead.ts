/** AES-256-GCM of Node.js's OpenSSL, which answers at once: no promise for each record. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Aead } from './aead.js';

/** As in aead.ts, which would load the portable cipher. */
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';
const OPTIONS = { authTagLength: TAG_BYTES } as const;

export const nodeAead: Aead = {
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
};
