/** A limit on what an unauthenticated peer may send over a channel that somebody else has made. */
import type { Channel, ChannelBinding, ChannelEnd, ChannelListener, ExportKey } from './channel.js';

export class GuardedChannel implements Channel {
  readonly #inner: Channel;
  readonly #onExceeded: () => void;
  readonly #onAuthenticated: () => void;
  #limit: number;
  #bytes = 0;

  /**
   * Wraps a channel without a listener.
   * @param inner the channel
   * @param limit in bytes of messages
   * @param onExceeded called before the channel is destroyed
   * @param onAuthenticated called when the limit is lifted
   */
  constructor(inner: Channel, limit: number, onExceeded: () => void, onAuthenticated: () => void) {
    this.#inner = inner;
    this.#limit = limit;
    this.#onExceeded = onExceeded;
    this.#onAuthenticated = onAuthenticated;
  }

  get ended(): ChannelEnd | undefined {
    return this.#inner.ended;
  }

  get binding(): ChannelBinding | undefined {
    return this.#inner.binding;
  }

  get exportKey(): ExportKey | undefined {
    return this.#inner.exportKey;
  }

  /**
   * Changes the limit.
   * @param limit in bytes, from the beginning of the channel
   */
  allow(limit: number): void {
    this.#limit = limit;
  }

  send(message: string | Uint8Array<ArrayBuffer>): void {
    this.#inner.send(message);
  }

  listen(listener: ChannelListener | undefined): void {
    this.#inner.listen(
      listener && {
        onMessage: (message) => {
          if (this.#counts(typeof message === 'string' ? message.length : message.byteLength))
            listener.onMessage(message);
        },
        onEnd: (end) => listener.onEnd(end),
      },
    );
  }

  bufferedBytes(): number {
    return this.#inner.bufferedBytes();
  }

  close(code: number, reason: string): void {
    this.#inner.close(code, reason);
  }

  destroy(): void {
    this.#inner.destroy();
  }

  pause(): void {
    this.#inner.pause?.();
  }

  resume(): void {
    this.#inner.resume?.();
  }

  authenticated(): void {
    this.#limit = Number.POSITIVE_INFINITY;
    this.#onAuthenticated();
    this.#inner.authenticated?.();
  }

  /** A message counts once, when it is handed over. */
  #counts(bytes: number): boolean {
    if (this.#limit === Number.POSITIVE_INFINITY) return true;
    this.#bytes += bytes;
    if (this.#bytes <= this.#limit) return true;
    this.#onExceeded();
    this.#inner.destroy();
    return false;
  }
}
