/** SHA-256 in Node.js and browsers. */
import { sha256 as inJavaScript } from '@noble/hashes/sha2.js';

/**
 * By the platform, six times faster, or in JavaScript: browsers have WebCrypto by https and from localhost only.
 * @param bytes anything
 * @returns 32 bytes
 */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  const { subtle } = globalThis.crypto ?? {};
  // WebCrypto takes no shared memory.
  if (!subtle || !(bytes.buffer instanceof ArrayBuffer)) return inJavaScript(bytes);
  return new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}
