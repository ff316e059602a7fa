/** Hex SHA-256 by the platform. Browsers have it in secure contexts only (https, or localhost). */
import { HeClientArgumentError } from './errors.js';

export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) throw new HeClientArgumentError('no WebCrypto here: open the page by https or from localhost');
  // The declared type of digest excludes views of shared memory; those are copied.
  const plain =
    bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes);
  const digest = new Uint8Array(await subtle.digest('SHA-256', plain));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
