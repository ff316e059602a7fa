/** What shows that somebody has the secret of an invite, on one channel and between two certificates only. */
import { createHmac } from 'node:crypto';
import { ArgumentError } from '@tacit/errors';

const DOMAIN = 'tacit/v1/invite';
const FINGERPRINT = /^[0-9a-f]{64}$/;

/**
 * The proof: HMAC-SHA256, by the secret, over a domain, bytes that TLS exports for this one channel (RFC 8446, section
 * 7.5), and both fingerprints. It is of no use on another channel, to another inviter, or for another certificate.
 * @param secret of the invite, 16 bytes
 * @param exported 32 bytes of the channel's exporter, the same at both ends
 * @param inviter fingerprint of whoever invites
 * @param joiner fingerprint of whoever joins
 * @returns 32 bytes
 * @throws ArgumentError where one of them has another length
 */
export function inviteProof(
  secret: Uint8Array,
  exported: Uint8Array,
  inviter: string,
  joiner: string,
): Uint8Array {
  if (secret.length !== 16) throw new ArgumentError('the secret of an invite has 16 bytes');
  if (exported.length !== 32) throw new ArgumentError('a proof takes 32 exported bytes');
  for (const fingerprint of [inviter, joiner])
    if (!FINGERPRINT.test(fingerprint))
      throw new ArgumentError('a fingerprint is 64 lower-case hexadecimal digits');
  const hmac = createHmac('sha256', secret);
  hmac.update(`${DOMAIN}\0`);
  hmac.update(exported);
  hmac.update(Buffer.from(inviter + joiner, 'hex'));
  return Uint8Array.from(hmac.digest());
}
