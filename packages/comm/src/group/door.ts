/**
 * Where connections wait until they have proved that they belong to a session: each for a limited time, and few at once,
 * altogether and from one address. One too many pushes out the one that has been waiting longest: a member needs
 * milliseconds, so crowds of silent connections do not keep it out.
 */
import type { Socket } from 'node:net';
import type { Refusal } from '../secure/secure-layer.js';

export interface DoorSettings {
  /** How long a peer may take to prove itself. Default 5 s. */
  helloTimeoutMs?: number;
  /** How many unauthenticated peers may be connected at the same time. Default 256. */
  maxUnauthenticated?: number;
  /** As many from one address. Default 128, so that one machine cannot take all places. */
  maxUnauthenticatedPerAddress?: number;
}

/** Why a connection was turned away. `dropped`: it hung up or spoke no WebSocket; `origin`: it is a web page's. */
export type Rejection = Refusal | 'dropped' | 'origin';

interface Visitor {
  readonly address: string;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class Door {
  readonly #settings: DoorSettings;
  readonly #onRejected: (reason: Rejection) => void;
  /** In the order of arrival. */
  readonly #visitors = new Map<Socket, Visitor>();
  #closed = false;

  constructor(settings: DoorSettings, onRejected: (reason: Rejection) => void) {
    this.#settings = settings;
    this.#onRejected = onRejected;
  }

  /** From the first byte on, a connection is unauthenticated and has a deadline. */
  enter(stream: Socket): void {
    stream.on('error', () => {});
    if (this.#closed) {
      stream.destroy();
      return;
    }
    const { helloTimeoutMs = 5000, maxUnauthenticated = 256 } = this.#settings;
    const { maxUnauthenticatedPerAddress = Math.ceil(maxUnauthenticated / 2) } = this.#settings;
    const address = stream.remoteAddress ?? '';
    const neighbours = [...this.#visitors].filter(([, visitor]) => visitor.address === address);
    const [oldest] = neighbours.length >= maxUnauthenticatedPerAddress ? neighbours : this.#visitors;
    if (
      oldest &&
      (neighbours.length >= maxUnauthenticatedPerAddress || this.#visitors.size >= maxUnauthenticated)
    )
      this.turnAway(oldest[0], 'too many');
    const timer = setTimeout(() => this.turnAway(stream, 'too slow'), helloTimeoutMs);
    this.#visitors.set(stream, { address, timer });
    stream.once('close', () => {
      if (this.leave(stream) && !this.#closed) this.#onRejected('dropped');
    });
  }

  has(stream: Socket): boolean {
    return this.#visitors.has(stream);
  }

  /** Takes a connection off the list: it has proved itself, or is dealt with elsewhere. False if it was not on it. */
  leave(stream: Socket): boolean {
    clearTimeout(this.#visitors.get(stream)?.timer);
    return this.#visitors.delete(stream);
  }

  /** Drops a connection that is still on the list. */
  turnAway(stream: Socket, reason: Rejection): void {
    if (!this.leave(stream)) return;
    this.#onRejected(reason);
    stream.destroy();
  }

  /** Drops all. */
  close(): void {
    this.#closed = true;
    for (const stream of [...this.#visitors.keys()]) {
      this.leave(stream);
      stream.destroy();
    }
  }
}
