/** SHA-256 by the platform: Node.js and browsers. Browsers have it in secure contexts only (https, or localhost). */
import { HeLibraryError } from '../errors.js';

export async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle)
    throw new HeLibraryError('there is no WebCrypto here: open the page by https or from localhost');
  // Shared memory can't be hashed in place.
  const plain =
    bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes);
  return new Uint8Array(await subtle.digest('SHA-256', plain));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
