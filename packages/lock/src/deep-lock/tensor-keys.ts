/**
 * A key for each tensor, from the master key by HKDF-SHA256 (RFC 5869). The salt is random for each locked file, so a
 * master key that serves two models never gives one key twice; name, type and shape make tensors independent, so that they
 * can be locked and unlocked in any order.
 */
import { hkdfSync } from 'node:crypto';

/** What a tensor is called and looks like. */
export interface TensorIdentity {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
}

/**
 * The key of a tensor.
 * @param secret the master key
 * @param lockId what names the locked file, 32 hexadecimal digits
 * @param purpose what the key is for
 * @param tensor which tensor
 * @param length of the key in bytes
 * @returns the key
 */
export const tensorKey = (
  secret: Uint8Array,
  lockId: string,
  purpose: 'paper' | 'sealed',
  tensor: TensorIdentity,
  length: number,
): Uint8Array =>
  new Uint8Array(
    hkdfSync('sha256', secret, Buffer.from(lockId, 'hex'), identityText(purpose, tensor), length),
  );

/**
 * One text for one tensor.
 * @param purpose what it is for
 * @param tensor which tensor
 * @returns no two tensors have the same
 */
export const identityText = (purpose: string, { name, type, shape }: TensorIdentity): string =>
  JSON.stringify(['tacit deep-lock 1', purpose, name, type, shape]);
