/**
 * Connections to listeners that are known by their certificates, encrypted once: by the TLS of `wss:` where the listener
 * itself is at the other end of it, and by TLS inside where somebody else ends that, a proxy, a load balancer or a relay,
 * or there is none.
 */
import type { Agent } from 'node:http';
import { abortable } from '../abortable.js';
import type { Channel } from '../channel/channel.js';
import { openWebSocket, type SocketSettings } from '../channel/node-websocket.js';
import type { Open } from '../channel/open.js';
import { isTls, peerFingerprint, refuseExpired, tlsFacts } from '../channel/tls-facts.js';
import { CommArgumentError } from '../errors.js';
import { tlsClient } from '../tls/tls-channel.js';
import type { TlsIdentity } from '../tls/tls-identity.js';

export interface IdentityOpenerOptions extends SocketSettings {
  /** Who this process is. */
  readonly identity: TlsIdentity;
  /** The fingerprints of which the listener at an address must have one. */
  readonly fingerprints: (address: string) => readonly string[];
  /** Goes through an HTTP proxy, e.g. that of https-proxy-agent. */
  readonly agent?: Agent;
}

/**
 * Opens channels with a `binding`.
 * @param options who this process is, and whom it expects
 * @returns for the option `open` of a transport, with `pinned` as its layer. Opening rejects with HandshakeError if the
 *   listener has another certificate or one that has expired, ChannelEndedError if it refuses, CommArgumentError if it is
 *   not known whom to expect, or the reason of the signal
 */
export function identityOpener(options: IdentityOpenerOptions): Open {
  const { identity, fingerprints, ...settings } = options;
  const tls = {
    key: identity.key,
    cert: identity.certificate,
    // What matters is checked below: the fingerprint here, or inside. A proxy on the way may be anybody.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  };
  return async (address, signal) => {
    const expect = fingerprints(address);
    if (expect.length === 0)
      throw new CommArgumentError(`no fingerprint is known of who listens at ${address}`);
    const { channel, stream } = await openWebSocket(address, signal, { ...settings, tls });
    try {
      if (isTls(stream) && expect.includes(peerFingerprint(stream) ?? '')) {
        const facts = tlsFacts(stream, true);
        if (facts.binding !== undefined) {
          refuseExpired(stream);
          channel.bind(facts);
          return channel;
        }
      }
      return await abortable<Channel>(signal, (resolve, reject) => {
        tlsClient(channel, identity, { ...settings, expect }).then(resolve, reject);
        return undefined;
      });
    } catch (error) {
      channel.destroy();
      throw error;
    }
  };
}
