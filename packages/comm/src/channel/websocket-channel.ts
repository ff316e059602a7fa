/**
 * A channel over a WebSocket, the browser's or that of the `ws` package: both have the interface of the WHATWG standard,
 * and nothing else is used here. What only Node.js can do is in `node-websocket.ts`.
 */
import { abortable } from '../abortable.js';
import { Arrivals } from './arrivals.js';
import {
  type Channel,
  type ChannelBinding,
  type ChannelEnd,
  type ChannelListener,
  type ExportKey,
  endOf,
  GOODBYE_CODE,
} from './channel.js';

/** The part of the standard's WebSocket that is used. */
export interface StandardWebSocket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'error', listener: (event: object) => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
}

const OPEN = 1;

export class WebSocketChannel implements Channel {
  protected readonly arrivals = new Arrivals();
  readonly #socket: StandardWebSocket;
  #error = '';

  /** Takes over a socket before its first message. */
  constructor(socket: StandardWebSocket) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      this.heard();
      this.arrivals.push(data as string | ArrayBuffer);
    });
    socket.addEventListener('error', (event) => {
      // Browsers do not say what happened.
      if ('message' in event) this.#error ||= String(event.message);
    });
    socket.addEventListener('close', ({ code, reason }) => {
      const end = endOf(code, reason);
      this.finished(end.reason === 'goodbye' || !this.#error ? end : { ...end, detail: this.#error });
    });
  }

  get ended(): ChannelEnd | undefined {
    return this.arrivals.ended;
  }

  /** A page cannot look into TLS. */
  get binding(): ChannelBinding | undefined {
    return undefined;
  }

  get exportKey(): ExportKey | undefined {
    return undefined;
  }

  send(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(message);
  }

  listen(listener: ChannelListener | undefined): void {
    this.arrivals.listen(listener);
  }

  bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** A page cannot cut a connection; a close without the words of a goodbye says the same. */
  destroy(): void {
    this.#socket.close(GOODBYE_CODE, '');
    this.finished(endOf(1006, ''));
  }

  /** For Node.js: something came in. */
  protected heard(): void {}

  /** For Node.js: ends with an explanation of its own. */
  protected fail(detail: string): void {
    this.#error = detail;
    this.destroy();
  }

  protected finished(end: ChannelEnd): void {
    this.arrivals.finish(end);
  }
}

/**
 * Resolves once `socket` is open. Rejects with the reason of `signal`, or the error that the socket tells; the socket is
 * left to the caller then.
 */
export const opened = (socket: StandardWebSocket, signal: AbortSignal): Promise<void> =>
  abortable(signal, (resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', (event) => {
      const cause = 'error' in event ? event.error : undefined;
      reject(cause ?? new Error('the connection failed; a browser does not say why'));
    });
    return undefined;
  });
