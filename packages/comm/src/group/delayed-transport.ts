/**
 * A transport that simulates a slow or jittery network around another one, for tests and benchmarks.
 *
 * Frames are held back on the receiving side: a fixed latency, the time they take at a bandwidth, and a random
 * part from a seeded generator, so that a run can be repeated. Frames of one peer stay in order, or with
 * `reorder` only those that share a key do, which is what a protocol may rely on at most.
 * Resolution: that of timers, about 1 ms. The generator is for delays only; it is not a source of secrets.
 */
import type { LeaveReason } from '../errors.js';
import type { Entry, Key, Transport, TransportHandlers } from '../transport.js';

export interface DelayOptions {
  /** Every frame takes at least this long. Default 0. */
  latencyMs?: number;
  /** A random part up to this is added per frame. Default 0. */
  jitterMs?: number;
  /** Of each link, in bytes per second. Default unlimited. */
  bandwidth?: number;
  /** Let entries with different keys overtake each other. Default false. */
  reorder?: boolean;
  /** Default 1. */
  seed?: number;
}

interface Held {
  readonly due: number;
  readonly order: number;
  readonly deliver: () => void;
}

/** What has to be remembered of the frames from one peer. */
interface Line {
  /** When the link is free again. */
  free: number;
  /** When the last frame, of any key, is due. */
  last: number;
  readonly lastOfKey: Map<Key, number>;
}

export class DelayedTransport implements Transport {
  readonly rank: number;
  readonly size: number;
  readonly #inner: Transport;
  readonly #options: Required<DelayOptions>;
  readonly #random: () => number;
  readonly #lines: Line[];
  #held: Held[] = [];
  #order = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /**
   * Takes the place of a transport, not yet started.
   * @param inner carries the frames
   * @param options the network to simulate; by default it adds nothing
   */
  constructor(inner: Transport, options: DelayOptions = {}) {
    this.#inner = inner;
    this.rank = inner.rank;
    this.size = inner.size;
    this.#options = { latencyMs: 0, jitterMs: 0, bandwidth: Infinity, reorder: false, seed: 1, ...options };
    this.#random = mulberry32(this.#options.seed * 65_537 + inner.rank);
    this.#lines = Array.from({ length: inner.size }, () => ({ free: 0, last: 0, lastOfKey: new Map() }));
  }

  start(handlers: TransportHandlers): void {
    this.#inner.start({
      onEntries: (from, entries, wireBytes) => this.#onEntries(from, entries, wireBytes, handlers),
      onLeave: (from, reason, detail) => this.#onLeave(from, reason, detail, handlers),
    });
  }

  send(to: number, entries: Entry[]): void {
    this.#inner.send(to, entries);
  }

  flushed(to: number): Promise<void> {
    return this.#inner.flushed(to);
  }

  close(patienceMs?: number): Promise<void> {
    this.#stop();
    return this.#inner.close(patienceMs);
  }

  destroy(): void {
    this.#stop();
    this.#inner.destroy();
  }

  #stop(): void {
    this.#closed = true;
    this.#held = [];
    clearTimeout(this.#timer);
  }

  #onEntries(from: number, entries: Entry[], wireBytes: number, handlers: TransportHandlers): void {
    const { latencyMs, bandwidth, reorder } = this.#options;
    const line = this.#line(from);
    const now = performance.now();
    line.free = Math.max(line.free, now) + (wireBytes / bandwidth) * 1000;
    const arrival = line.free + latencyMs;
    if (!reorder) {
      line.last = Math.max(line.last, arrival + this.#jitter());
      this.#hold(line.last, () => handlers.onEntries(from, entries, wireBytes));
      return;
    }
    entries.forEach((entry, index) => {
      const due = Math.max(line.lastOfKey.get(entry.key) ?? 0, arrival + this.#jitter());
      line.lastOfKey.set(entry.key, due);
      line.last = Math.max(line.last, due);
      this.#hold(due, () => {
        if (line.lastOfKey.get(entry.key) === due) line.lastOfKey.delete(entry.key);
        // The frame counts once, with its first entry.
        handlers.onEntries(from, [entry], index === 0 ? wireBytes : 0);
      });
    });
  }

  #onLeave(from: number, reason: LeaveReason, detail: string | undefined, handlers: TransportHandlers): void {
    const line = this.#line(from);
    this.#hold(Math.max(line.last, performance.now()), () => handlers.onLeave(from, reason, detail));
  }

  #jitter(): number {
    return this.#random() * this.#options.jitterMs;
  }

  #line(from: number): Line {
    return this.#lines[from] as Line;
  }

  /** Keeps the list sorted by due time, then by order of arrival. */
  #hold(due: number, deliver: () => void): void {
    if (this.#closed) return;
    const held = { due, order: this.#order++, deliver };
    let at = this.#held.length;
    while (at > 0 && (this.#held[at - 1] as Held).due > due) at--;
    this.#held.splice(at, 0, held);
    if (at === 0) this.#release();
  }

  /** Delivers what is due and sets the timer for the rest. */
  readonly #release = (): void => {
    clearTimeout(this.#timer);
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      const wait = first.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(this.#release, wait);
        return;
      }
      this.#held.shift();
      first.deliver();
    }
  };
}

/** A small generator of numbers in [0, 1) by Tommy Ettinger, public domain. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
