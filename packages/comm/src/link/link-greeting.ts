/**
 * How two members agree on where their link stands, on each connection after the handshake:
 *
 *   dialer   -> link  id, received, made    how many messages it has got on this link; whether it has had an answer
 *   listener -> link  id, received, made    the same, of its own
 *
 * The dialer draws the id, and says it again on each connection; it lives as long as the processes at both ends. One that
 * was started again has lost its state, and cannot resume: the dialer has another id then, the listener no link though
 * the dialer had an answer. Where the connection broke before the first answer came, the link is there already.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Channel } from '../channel/channel.js';
import { readJson, refuse } from '../secure/secure-layer.js';

export interface LinkState {
  readonly id: string;
  /** Messages that the sender of this has received on the link. */
  readonly received: number;
  /** Whether the link is more than a wish of the dialer. */
  readonly made: boolean;
}

const ID_BYTES = 16;

export const freshLinkId = (): string => bytesToHex(crypto.getRandomValues(new Uint8Array(ID_BYTES)));

export function sendLinkState(channel: Channel, { id, received, made }: LinkState): void {
  channel.send(JSON.stringify({ type: 'link', id, received, made }));
}

/** What the other end says. Throws HandshakeError ('malformed') or ChannelEndedError. */
export async function readLinkState(channel: Channel): Promise<LinkState> {
  const { id, received, made } = await readJson(channel, 'link');
  if (typeof id !== 'string' || !/^[0-9a-f]{32}$/.test(id) || typeof made !== 'boolean')
    return refuse('malformed');
  if (typeof received !== 'number' || !Number.isSafeInteger(received) || received < 0)
    return refuse('malformed');
  return { id, received, made };
}
