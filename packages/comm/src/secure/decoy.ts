/**
 * What a listener says to a hello for a session that it is not part of: the same as for any other, so that only a peer
 * that has a proof to offer hears that there is nothing to prove here.
 */
import type { Channel } from '../channel/channel.js';
import { readMessage } from '../channel/read-message.js';
import { HandshakeError } from '../errors.js';
import type { Opening } from './secure-layer.js';
import { respondWithToken } from './token-handshake.js';

/** Plays the listener until the dialer has said all that it has to say before it is welcomed. */
export async function decoy(channel: Channel, opening: Opening): Promise<void> {
  if (opening.layer !== 'token' && opening.layer !== 'tls') {
    await readMessage(channel);
    return;
  }
  const unknown = crypto.getRandomValues(new Uint8Array(32));
  await respondWithToken(opening.layer, unknown, channel, opening, () => false).catch((error) => {
    if (!(error instanceof HandshakeError) || error.reason === 'malformed') throw error;
  });
}
