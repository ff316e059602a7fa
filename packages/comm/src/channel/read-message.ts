/** Reading a channel one message at a time, as handshakes do. */
import type { Channel, ChannelEnd, ChannelMessage } from './channel.js';

/** The channel ended while a message was expected. */
export class ChannelEndedError extends Error {
  constructor(readonly end: ChannelEnd) {
    super(end.detail || `the connection ended with code ${end.code}`);
  }
}

/**
 * Takes one message; later ones wait again.
 * @param channel one without a listener
 * @returns the next message
 * @throws ChannelEndedError if it ends before
 */
export function readMessage(channel: Channel): Promise<ChannelMessage> {
  return new Promise((resolve, reject) => {
    channel.listen({
      onMessage: (message) => {
        channel.listen(undefined);
        resolve(message);
      },
      onEnd: (end) => reject(new ChannelEndedError(end)),
    });
  });
}
