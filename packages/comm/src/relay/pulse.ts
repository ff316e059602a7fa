/**
 * The heartbeat of all connections of a relay: one timer. It keeps proxies and address translators awake, which forget
 * connections after a minute or so, and finds those that are dead.
 */
import type { SocketSettings } from '../channel/node-websocket.js';
import type { Guest } from './guest.js';

export class Pulse {
  readonly #guests = new Set<Guest>();
  readonly #deadAfterMs: number;
  readonly #timer: ReturnType<typeof setInterval> | undefined;

  /** Starts; as `SocketSettings` says. */
  constructor({ pingIntervalMs = 15_000, deadAfterMs = 600_000 }: SocketSettings) {
    this.#deadAfterMs = deadAfterMs;
    if (pingIntervalMs <= 0) return;
    this.#timer = setInterval(() => {
      for (const guest of this.#guests) this.#beat(guest, pingIntervalMs);
    }, pingIntervalMs);
    this.#timer.unref();
  }

  get size(): number {
    return this.#guests.size;
  }

  [Symbol.iterator](): IterableIterator<Guest> {
    return this.#guests.values();
  }

  add(guest: Guest): void {
    this.#guests.add(guest);
    guest.socket.once('close', () => this.#guests.delete(guest));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Counts beats, not clock time: a beat that is late since this thread was busy proves nothing. */
  #beat(guest: Guest, intervalMs: number): void {
    const { bytesRead } = guest.stream;
    // Nothing is read from one that sends faster than the other end takes; a large message is a sign of life, too.
    const alive = guest.heard || guest.paused || bytesRead !== guest.bytesRead;
    guest.silentMs = alive ? 0 : guest.silentMs + intervalMs;
    guest.bytesRead = bytesRead;
    if (guest.silentMs > this.#deadAfterMs) guest.socket.terminate();
    else if ((guest.heard || !guest.pinged) && guest.socket.readyState === guest.socket.OPEN) {
      guest.socket.ping();
      guest.pinged = true;
    }
    guest.heard = false;
  }
}
