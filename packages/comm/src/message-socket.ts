/**
 * A WebSocket as the transports see it: whole messages in order, then one end. Adapters for the `ws` package and
 * for the browser's own WebSocket extend it.
 *
 * Messages that arrive before somebody listens are kept, so that none is lost between the handshake, which reads
 * one message at a time, and the transport, which gets them pushed.
 */
import type { LeaveReason } from './errors.js';

/** Text for the handshake, a buffer for a frame. */
export type SocketMessage = string | ArrayBuffer;

/** How a connection ended. */
export interface SocketEnd {
  readonly reason: LeaveReason;
  /** The close code of the WebSocket protocol, 1006 if there was none. */
  readonly code: number;
  readonly detail: string;
}

export interface SocketListener {
  onMessage(message: SocketMessage): void;
  onEnd(end: SocketEnd): void;
}

/** The close code and reason of a goodbye. */
export const GOODBYE_CODE = 1000;
export const GOODBYE_REASON = 'goodbye';

/** The connection ended while a message was expected. */
export class SocketEndedError extends Error {
  constructor(readonly end: SocketEnd) {
    super(end.detail || `the connection ended with code ${end.code}`);
  }
}

export abstract class MessageSocket {
  #queue: SocketMessage[] = [];
  #listener: SocketListener | undefined;
  #ended: SocketEnd | undefined;

  /** Queues a message; nothing happens after the end. */
  abstract send(message: string | Uint8Array<ArrayBuffer>): void;
  /** How many bytes are queued and not yet with the operating system. */
  abstract bufferedBytes(): number;
  /** Ends in order: what is queued is sent before. */
  abstract close(code: number, reason: string): void;
  /** Ends at once. */
  abstract destroy(): void;

  /** The peer has proved itself: limits on strangers end here. */
  authenticated(): void {}

  /** How it ended, if it has. */
  get ended(): SocketEnd | undefined {
    return this.#ended;
  }

  /** The next message; rejects with SocketEndedError. One read at a time, and none after `listen`. */
  read(): Promise<SocketMessage> {
    return new Promise((resolve, reject) => {
      const first = this.#queue.shift();
      if (first !== undefined) resolve(first);
      else if (this.#ended !== undefined) reject(new SocketEndedError(this.#ended));
      else {
        this.#listener = {
          onMessage: (message) => {
            this.#listener = undefined;
            resolve(message);
          },
          onEnd: (end) => reject(new SocketEndedError(end)),
        };
      }
    });
  }

  /** Pushes all messages from now on to `listener`, first those that wait. */
  listen(listener: SocketListener): void {
    const waiting = this.#queue;
    this.#queue = [];
    this.#listener = listener;
    for (const message of waiting) listener.onMessage(message);
    if (this.#ended !== undefined) listener.onEnd(this.#ended);
  }

  /** For adapters: a message has arrived. */
  protected arrived(message: SocketMessage): void {
    if (this.#ended !== undefined) return;
    if (this.#listener === undefined) this.#queue.push(message);
    else this.#listener.onMessage(message);
  }

  /** For adapters: the connection is over. Only the first call counts. */
  protected finished(end: SocketEnd): void {
    if (this.#ended !== undefined) return;
    this.#ended = end;
    this.#listener?.onEnd(end);
  }
}

/** What a close code and its reason say. */
export function endOf(code: number, reason: string): SocketEnd {
  if (code === GOODBYE_CODE && reason === GOODBYE_REASON) return { reason: 'goodbye', code, detail: '' };
  return { reason: 'disconnected', code, detail: `close code ${code}${reason ? `: ${reason}` : ''}` };
}
