/** How processes of organisations reach each other: directly or through a relay, always with pinned certificates. */
import { memberOpener } from '@tacit/comm/relay';
import type { Open } from '@tacit/comm/tls';
import { CONTROL_VERSION, type SocketSettings } from '@tacit/comm/websocket';
import type { Identity } from '@tacit/identity';
import type { BoundChannel } from '../control/bound-channel.js';

/**
 * The thread with the sockets never computes, so that a peer that answers no heartbeat for that long is gone, or the
 * network is.
 */
const HEARTBEAT: SocketSettings = { pingIntervalMs: 10_000, deadAfterMs: 40_000 };

/**
 * Settings of all connections.
 * @param maxPayloadBytes the largest message of a peer
 * @returns for hubs and openers
 */
export const socketSettings = (maxPayloadBytes: number): SocketSettings => ({
  ...HEARTBEAT,
  maxPayloadBytes,
});

/**
 * Opens connections to members of a session.
 * @param identity of this organisation
 * @param expected the fingerprints that may be behind each address
 * @param settings of the connections
 * @returns for the option `open` of a group
 */
export function openerTo(
  identity: Identity,
  expected: ReadonlyMap<string, readonly string[]>,
  settings: SocketSettings,
): Open {
  const fingerprints = (address: string): readonly string[] => expected.get(address) ?? [];
  return memberOpener({ identity, fingerprints, ...settings });
}

/**
 * Opens a control channel; one attempt.
 * @param identity of this organisation
 * @param address of the peer
 * @param expected the fingerprints of which it has one
 * @param signal gives up
 * @returns the channel, on which the peer speaks first
 * @throws what opening throws
 */
export async function callPeer(
  identity: Identity,
  address: string,
  expected: readonly string[],
  signal: AbortSignal,
): Promise<BoundChannel> {
  const open = openerTo(identity, new Map([[address, expected]]), HEARTBEAT);
  const channel = await open(address, signal);
  channel.send(JSON.stringify({ type: 'control', version: CONTROL_VERSION }));
  return channel as BoundChannel; // openers of pinned certificates give no others
}
