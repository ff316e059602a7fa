/**
 * A channel over a MessagePort: between threads of one process, or between the windows of a page. Runs in Node.js and in
 * browsers. A browser that does not fire `close` on ports does not notice a worker that crashed.
 *
 * Besides text and bytes it carries anything that can be cloned (`post`), for layers that are not bytes on ports: the
 * transport of threads moves whole payloads without a copy.
 */
import type { LeaveReason } from '../errors.js';
import { Arrivals } from './arrivals.js';
import {
  type Channel,
  type ChannelEnd,
  type ChannelListener,
  type ChannelMessage,
  endOf,
} from './channel.js';

/** The last message: an object, which no other message is. */
interface Close {
  readonly close: number;
  readonly reason: string;
}

const isClose = (data: unknown): data is Close =>
  typeof data === 'object' && data !== null && 'close' in data;

export class PortChannel implements Channel {
  readonly #arrivals = new Arrivals();
  readonly #port: MessagePort;
  #started = false;

  /**
   * Takes over a port before its first message.
   * @param port keeps the thread alive until the end
   */
  constructor(port: MessagePort) {
    this.#port = port;
    port.addEventListener('close', () => this.end('disconnected'));
  }

  get ended(): ChannelEnd | undefined {
    return this.#arrivals.ended;
  }

  send(message: string | Uint8Array<ArrayBuffer>): void {
    // Cloning takes the whole buffer along.
    const own = typeof message === 'string' || message.byteLength === message.buffer.byteLength;
    this.post(own ? message : new Uint8Array(message), []);
  }

  /**
   * Sends more than text and bytes. Throws DataCloneError on what cannot be cloned.
   * @param message anything but an object with a key `close`
   * @param transfer buffers in it that change hands and are not copied
   */
  post(message: unknown, transfer: ArrayBuffer[]): void {
    if (this.ended === undefined) this.#port.postMessage(message, transfer);
  }

  listen(listener: ChannelListener | undefined): void {
    if (!this.#started && listener !== undefined) {
      this.#started = true;
      this.#port.addEventListener('message', ({ data }) => this.#onMessage(data));
      this.#port.addEventListener('messageerror', () => this.end('violation', 'an unreadable message'));
      this.#port.start();
    }
    this.#arrivals.listen(listener);
  }

  /** Ports do not tell what is on its way; layers that need to know acknowledge. */
  bufferedBytes(): number {
    return 0;
  }

  close(code: number, reason: string): void {
    if (this.ended !== undefined) return;
    this.#port.postMessage({ close: code, reason } satisfies Close);
    this.#finish(endOf(code, reason));
  }

  destroy(): void {
    this.#finish(endOf(1006, ''));
  }

  /**
   * Ends with the blame at the other end.
   * @param reason what the other end did
   * @param detail for the message of the error
   */
  end(reason: LeaveReason, detail = ''): void {
    this.#finish({ reason, code: 1006, detail });
  }

  #onMessage(data: unknown): void {
    if (this.ended !== undefined) return;
    if (isClose(data)) this.#finish(endOf(data.close, data.reason));
    else if (data instanceof Uint8Array && data.byteLength === data.buffer.byteLength)
      this.#arrivals.push(data.buffer as ArrayBuffer);
    else this.#arrivals.push(data as ChannelMessage);
  }

  #finish(end: ChannelEnd): void {
    this.#arrivals.finish(end);
    this.#port.close();
  }
}
