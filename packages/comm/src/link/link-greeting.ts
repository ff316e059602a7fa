/**
 * How two members agree on where their link stands, on each connection after the handshake:
 *
 *   dialer   -> link  id, received    the link that it resumes, or none; how many messages it has got on it
 *   listener -> link  id, received    the same link, or a new one
 *
 * The id is random and lives as long as the processes at both ends: one that was started again has lost its state, and
 * cannot resume.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Channel } from '../channel/channel.js';
import { readJson, refuse } from '../secure/secure-layer.js';

export interface LinkState {
  /** Empty for a link that is to be. */
  readonly id: string;
  /** Messages that the sender of this has received on the link. */
  readonly received: number;
}

const ID_BYTES = 16;

export const freshLinkId = (): string => bytesToHex(crypto.getRandomValues(new Uint8Array(ID_BYTES)));

export function sendLinkState(channel: Channel, { id, received }: LinkState): void {
  channel.send(JSON.stringify({ type: 'link', id, received }));
}

/** What the other end says. Throws HandshakeError ('malformed') or ChannelEndedError. */
export async function readLinkState(channel: Channel): Promise<LinkState> {
  const { id, received } = await readJson(channel, 'link');
  if (typeof id !== 'string' || (id !== '' && !/^[0-9a-f]{32}$/.test(id))) return refuse('malformed');
  if (typeof received !== 'number' || !Number.isSafeInteger(received) || received < 0)
    return refuse('malformed');
  return { id, received };
}
