/**
 * Where connections wait until they have proved that they belong to a session: each for a limited time, and few at once,
 * altogether and from one address. One too many pushes out the one that has been waiting longest: a member needs
 * milliseconds, so crowds of silent connections do not keep it out.
 */
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

/** A connection: a socket, or a channel that came some other way. */
export interface Visitor {
  destroy(): unknown;
}

interface Visit {
  readonly address: string;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class Door {
  readonly #settings: DoorSettings;
  readonly #onRejected: (reason: Rejection) => void;
  /** In the order of arrival. */
  readonly #visits = new Map<Visitor, Visit>();
  #closed = false;

  constructor(settings: DoorSettings, onRejected: (reason: Rejection) => void) {
    this.#settings = settings;
    this.#onRejected = onRejected;
  }

  /**
   * From the first byte on, a connection is unauthenticated and has a deadline.
   * @param visitor the connection, whose end is told by `dropped`
   * @param address where it comes from
   */
  enter(visitor: Visitor, address: string): void {
    if (this.#closed) {
      visitor.destroy();
      return;
    }
    const { helloTimeoutMs = 5000, maxUnauthenticated = 256 } = this.#settings;
    const { maxUnauthenticatedPerAddress = Math.ceil(maxUnauthenticated / 2) } = this.#settings;
    const neighbours = [...this.#visits].filter(([, visit]) => visit.address === address);
    const crowded = neighbours.length >= maxUnauthenticatedPerAddress;
    const [oldest] = crowded ? neighbours : this.#visits;
    if (oldest && (crowded || this.#visits.size >= maxUnauthenticated)) this.turnAway(oldest[0], 'too many');
    const timer = setTimeout(() => this.turnAway(visitor, 'too slow'), helloTimeoutMs);
    this.#visits.set(visitor, { address, timer });
  }

  has(visitor: Visitor): boolean {
    return this.#visits.has(visitor);
  }

  /** Takes a connection off the list: it has proved itself, or is dealt with elsewhere. False if it was not on it. */
  leave(visitor: Visitor): boolean {
    clearTimeout(this.#visits.get(visitor)?.timer);
    return this.#visits.delete(visitor);
  }

  /** A connection has ended by itself. */
  dropped(visitor: Visitor): void {
    if (this.leave(visitor) && !this.#closed) this.#onRejected('dropped');
  }

  /** Drops a connection that is still on the list. */
  turnAway(visitor: Visitor, reason: Rejection): void {
    if (!this.leave(visitor)) return;
    this.#onRejected(reason);
    visitor.destroy();
  }

  /** Drops all. */
  close(): void {
    this.#closed = true;
    for (const visitor of [...this.#visits.keys()]) {
      this.leave(visitor);
      visitor.destroy();
    }
  }
}
