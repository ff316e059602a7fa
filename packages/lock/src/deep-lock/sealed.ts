/**
 * AES-256-GCM of each tensor under a key of its own (NIST SP 800-38D). The ciphertext is as long as the weights and takes
 * their place in the file, so that the file stays an ONNX file of the same shapes; nonce and tag are in the file's mark.
 * Name, type and shape of the tensor, and the id of the locked file, are additional data: a tensor that was changed,
 * renamed, or exchanged for one of another tensor or file does not open.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { LockError } from '../errors.js';
import { identityText, type TensorIdentity, tensorKey } from './tensor-keys.js';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const CHUNK = 2 ** 16;

/** A sealed tensor. */
export interface SealedTensor {
  readonly bytes: Uint8Array;
  readonly nonce: Uint8Array;
  readonly tag: Uint8Array;
}

const additional = (lockId: string, tensor: TensorIdentity): Buffer =>
  Buffer.from(`${lockId} ${identityText('sealed', tensor)}`);

/**
 * Seals a tensor.
 * @param bytes its elements
 * @param secret the master key
 * @param lockId what names the locked file
 * @param tensor which tensor
 * @returns as many bytes, nonce and tag
 */
export function sealTensor(
  bytes: Uint8Array,
  secret: Uint8Array,
  lockId: string,
  tensor: TensorIdentity,
): SealedTensor {
  const key = tensorKey(secret, lockId, 'sealed', tensor, KEY_BYTES);
  const nonce = randomBytes(12);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(additional(lockId, tensor));
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += CHUNK) out.set(cipher.update(bytes.subarray(at, at + CHUNK)), at);
  cipher.final();
  key.fill(0);
  return { bytes: out, nonce, tag: cipher.getAuthTag() };
}

/**
 * Opens a tensor.
 * @param sealed bytes, nonce and tag
 * @param secret the master key
 * @param lockId what names the locked file
 * @param tensor which tensor
 * @returns its elements
 * @throws LockError (`LOCK_DAMAGED`) where the key is another or anything was changed
 */
export function openTensor(
  sealed: SealedTensor,
  secret: Uint8Array,
  lockId: string,
  tensor: TensorIdentity,
): Uint8Array {
  const key = tensorKey(secret, lockId, 'sealed', tensor, KEY_BYTES);
  const out = new Uint8Array(sealed.bytes.length);
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.nonce, { authTagLength: 16 });
    decipher.setAAD(additional(lockId, tensor)).setAuthTag(sealed.tag);
    for (let at = 0; at < out.length; at += CHUNK) {
      const plain = decipher.update(sealed.bytes.subarray(at, at + CHUNK));
      out.set(plain, at);
      plain.fill(0);
    }
    decipher.final();
    return out;
  } catch (cause) {
    out.fill(0);
    throw new LockError(
      'LOCK_DAMAGED',
      `the weight ${JSON.stringify(tensor.name)} does not open: the key is another one, or the file was changed`,
      { cause },
    );
  } finally {
    key.fill(0);
  }
}
