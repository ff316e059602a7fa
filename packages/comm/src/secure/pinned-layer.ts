/**
 * The layer of members that know each other's certificates: TLS below has proved who has which, this layer compares,
 * and the token handshake says which session it is, in MACs over what TLS exports. So a token alone, in whatever hands,
 * opens nothing, and nobody who ends TLS on the way can pass the handshake on.
 */
import type { Channel } from '../channel/channel.js';
import { CommArgumentError, HandshakeError } from '../errors.js';
import type { SecureLayer, Token } from './secure-layer.js';
import { tokenFor } from './secure-layer.js';
import { initiateWithToken, respondWithToken } from './token-handshake.js';

export interface PinnedOptions {
  /** By rank, the fingerprints of which a member has one: more than one while a certificate is replaced. */
  readonly fingerprints: readonly (readonly string[])[];
  /** Says which session it is: one for all members, or one for each pair. */
  readonly token: Token;
}

const NAME = 'tls';

/**
 * For channels that TLS with certificates at both ends protects (`identityOpener`, a hub with an identity).
 * @param options who has which certificate, and the secret of the session
 * @returns for the option `secure` of a transport; it refuses a channel on which TLS has proved nothing
 * @throws CommArgumentError on a fingerprint that is not 64 hexadecimal digits in lower case
 * @example const secure = pinned({ fingerprints: [[alice], [bob], [dealer]], token });
 */
export function pinned({ fingerprints, token }: PinnedOptions): SecureLayer {
  for (const [rank, known] of fingerprints.entries())
    for (const fingerprint of known)
      if (!/^[0-9a-f]{64}$/.test(fingerprint))
        throw new CommArgumentError(
          `a fingerprint of rank ${rank} is ${JSON.stringify(fingerprint)}, not 64 hexadecimal digits in lower case`,
        );
  const isPeer = (channel: Channel, peer: number): boolean =>
    channel.binding !== undefined && fingerprints[peer]?.includes(channel.binding.peerFingerprint) === true;
  return {
    name: NAME,
    check: (peer) => {
      tokenFor(token, peer);
      if (!fingerprints[peer]?.length)
        throw new CommArgumentError(`the certificate of rank ${peer} is not known: no fingerprint is given`);
    },
    initiate: async (channel, hello) => {
      if (channel.binding === undefined)
        throw new HandshakeError(
          'wrong key',
          'the listener was not asked for a certificate, or showed none: use identityOpener to open connections',
        );
      if (!isPeer(channel, hello.to))
        throw new HandshakeError(
          'wrong key',
          `the listener has the certificate ${channel.binding.peerFingerprint}, which is not that of rank ${hello.to}`,
        );
      return initiateWithToken(NAME, token, channel, hello);
    },
    respond: (channel, opening, claim) =>
      respondWithToken(NAME, token, channel, opening, claim, () =>
        isPeer(channel, opening.from) ? undefined : 'wrong key',
      ),
  };
}
