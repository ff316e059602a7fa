/** What has arrived on a channel: kept until somebody listens. The state that all kinds of channels have in common. */
import type { ChannelEnd, ChannelListener, ChannelMessage, Place } from './channel.js';

export class Arrivals {
  readonly #waiting: ChannelMessage[] = [];
  #listener: ChannelListener | undefined;
  #ended: ChannelEnd | undefined;

  get ended(): ChannelEnd | undefined {
    return this.#ended;
  }

  /**
   * As `Channel.listen`.
   * @param listener gets what waits before this returns; undefined makes messages wait
   */
  listen(listener: ChannelListener | undefined): void {
    this.#listener = listener;
    // A listener may hand over to the next one with any message.
    while (this.#listener === listener && listener !== undefined) {
      const message = this.#waiting.shift();
      if (message === undefined) break;
      listener.onMessage(message);
    }
    if (this.#ended !== undefined && this.#listener === listener) listener?.onEnd(this.#ended);
  }

  /**
   * A message has come in; after the end it is ignored.
   * @param message goes to the listener, or waits for one
   */
  push(message: ChannelMessage): void {
    if (this.#ended !== undefined) return;
    if (this.#listener === undefined || this.#waiting.length > 0) this.#waiting.push(message);
    else this.#listener.onMessage(message);
  }

  /**
   * A binary message begins to come in.
   * @param bytes its length
   * @returns where the listener wants it; undefined where it does not say so or is not there yet
   */
  place(bytes: number): Place | undefined {
    if (this.#ended !== undefined || this.#waiting.length > 0) return undefined;
    return this.#listener?.place?.(bytes);
  }

  /**
   * The channel is over. Only the first call counts.
   * @param end tells how, also to those who listen later
   */
  finish(end: ChannelEnd): void {
    if (this.#ended !== undefined) return;
    this.#ended = end;
    this.#listener?.onEnd(end);
  }
}
