/** Connections to members that wait at a relay, encrypted from end to end. */
import { abortable } from '../abortable.js';
import type { Channel } from '../channel/channel.js';
import type { Open } from '../channel/open.js';
import { CommArgumentError } from '../errors.js';
import { identityOpener } from '../group/identity-opener.js';
import { tlsClient } from '../tls/tls-channel.js';
import type { TlsIdentity } from '../tls/tls-identity.js';
import { connectToRelay, type RelayConnectionSettings, relayBase } from './connect.js';
import { loadIdentity } from './identity.js';
import { proxyAgentFor } from './proxy.js';

const RELAYED = /^(.+)\/to\/([0-9a-f]{64})$/;

export interface RelayOpenerOptions extends RelayConnectionSettings {
  /** Who this member is. */
  readonly identity: TlsIdentity;
}

/**
 * The address of a member at a relay.
 * @param relay address of the relay, e.g. `wss://relay.example`
 * @param fingerprint of the member's certificate
 * @returns `wss://relay.example/to/<fingerprint>`
 * @throws CommArgumentError if the relay's address is none
 */
export const relayedAddress = (relay: string, fingerprint: string): string =>
  `${relayBase(relay)}/to/${fingerprint}`;

/**
 * Whether an address goes through a relay.
 * @param address of a member
 * @returns whether it has the form of `relayedAddress`
 */
export const isRelayed = (address: string): boolean => RELAYED.test(address);

/**
 * Opens channels to members at relays: the relay joins this member's connection and the other's, and TLS runs inside.
 * @param options who this member is, and how to reach relays
 * @returns opens `wss://relay/to/<fingerprint>`: a channel with a `binding`, whose other end has proved to own the
 *   certificate with that fingerprint. Rejects with RelayError (for now: the member is not there yet, the relay is full),
 *   HandshakeError (for good), ProxyError, CommArgumentError, or the reason of the signal
 * @throws CommArgumentError on an identity that is none
 */
export function relayOpener(options: RelayOpenerOptions): Open {
  const { identity, ...settings } = options;
  const loaded = loadIdentity(identity);
  return async (address, signal) => {
    const [, relay = '', target = ''] = RELAYED.exec(address) ?? [];
    if (target === '')
      throw new CommArgumentError(
        `${JSON.stringify(address)} is not the address of a member at a relay: wss://relay/to/<fingerprint>`,
      );
    const channel = await connectToRelay(relayBase(relay), { role: 'to', target }, loaded, settings, signal);
    try {
      return await abortable<Channel>(signal, (resolve, reject) => {
        tlsClient(channel, identity, { ...settings, expect: [target] }).then((secured) => {
          // The heartbeat of the connection below keeps proxies awake.
          channel.authenticated?.();
          resolve(secured);
        }, reject);
        return undefined;
      });
    } catch (error) {
      channel.destroy();
      throw error;
    }
  };
}

export interface MemberOpenerOptions extends RelayOpenerOptions {
  /** The fingerprints of which the listener at an address must have one; for those at relays the address says it. */
  readonly fingerprints: (address: string) => readonly string[];
}

/**
 * Opens channels to members wherever they are: directly (`identityOpener`), or at a relay (`relayOpener`), through the
 * proxy of the environment if there is one.
 * @param options who this member is, and whom it expects
 * @returns for the option `open` of a transport, with `pinned` as its layer; rejects as the two do
 * @throws CommArgumentError on an identity that is none
 * @example webSocketTransport({ ...group, open: memberOpener({ identity, fingerprints }), secure: pinned({ … }) })
 */
export function memberOpener(options: MemberOpenerOptions): Open {
  const { identity, fingerprints, agent, trust: _, ...settings } = options;
  const relayed = relayOpener(options);
  return async (address, signal) => {
    if (isRelayed(address)) return relayed(address, signal);
    const through = agent ?? (URL.canParse(address) ? proxyAgentFor(address) : undefined);
    const direct = identityOpener({
      identity,
      fingerprints,
      ...settings,
      ...(through && { agent: through }),
    });
    return direct(address, signal);
  };
}
