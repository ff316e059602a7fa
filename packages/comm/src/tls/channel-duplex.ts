/** A channel as a stream of bytes: each chunk is a binary message. Text, or the end of the channel, ends it. */
import { Duplex } from 'node:stream';
import { type Channel, GOODBYE_CODE, GOODBYE_REASON } from '../channel/channel.js';

/** TLS may write many records at once; relays hold whole messages, and bound their size. */
const MAX_MESSAGE_BYTES = 2 ** 18;

export class ChannelDuplex extends Duplex {
  readonly #channel: Channel;
  #paused = false;
  /** Called when the channel ends: TLS does not tell before its handshake is over. */
  onChannelEnd: (() => void) | undefined;

  /**
   * Takes over a channel; nobody else listens to it from now on.
   * @param channel one without a listener
   * @param first what has been read of it already
   */
  constructor(channel: Channel, first?: ArrayBuffer) {
    super({ allowHalfOpen: true });
    this.#channel = channel;
    if (first !== undefined) this.push(Buffer.from(first));
    channel.listen({
      onMessage: (message) => {
        if (typeof message === 'string') this.destroy(new ForeignTextError());
        else if (message.byteLength > 0 && !this.push(Buffer.from(message))) this.#pause();
      },
      onEnd: () => {
        this.push(null);
        this.onChannelEnd?.();
      },
    });
  }

  /** All that comes is pushed; where TLS takes it no more, the channel brings no more. */
  override _read(): void {
    if (this.#paused) this.#channel.resume?.();
    this.#paused = false;
  }

  #pause(): void {
    this.#paused = true;
    this.#channel.pause?.();
  }

  override _write(chunk: Buffer, _: string, done: () => void): void {
    for (let at = 0; at < chunk.length; at += MAX_MESSAGE_BYTES)
      this.#channel.send(chunk.subarray(at, at + MAX_MESSAGE_BYTES) as Uint8Array<ArrayBuffer>);
    done();
  }

  override _final(done: () => void): void {
    this.#channel.close(GOODBYE_CODE, GOODBYE_REASON);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#channel.listen(undefined);
    if (error !== null) this.#channel.destroy();
    done(error);
  }
}

/** Text between the records of TLS: somebody on the way has put it there. */
export class ForeignTextError extends Error {
  readonly code = 'ERR_SSL_FOREIGN_TEXT';
  constructor() {
    super('text in the place of encrypted bytes');
  }
}
