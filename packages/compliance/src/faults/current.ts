/**
 * One direction of a connection through a bad network: bytes are late, slow, lost, damaged or doubled. What waits here is
 * bounded: then the source is not read, as behind a slow reader.
 */
import type { Socket } from 'node:net';

/** What all that passes meets. */
export interface Weather {
  /** How late everything is. Default 0. */
  readonly delayMs?: number;
  /** Up to so much later, in order still. Default 0. */
  readonly jitterMs?: number;
  /** Default no limit. */
  readonly bytesPerSecond?: number;
}

const MOST_WAITING = 256 * 1024;
const PIECE_BYTES = 4096;

interface Waiting {
  readonly due: number;
  readonly bytes: Buffer;
}

export class Current {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #chance: () => number;
  readonly #onBytes: (bytes: Buffer) => void;
  #queue: Waiting[] = [];
  #queued = 0;
  #due = 0;
  #free = 0;
  #timer: NodeJS.Timeout | undefined;
  #swallowed = false;
  #next: ((bytes: Buffer) => Buffer) | undefined;
  #ending = false;
  #onCut: (() => void) | undefined;
  weather: Weather;

  /**
   * Takes over a source.
   * @param from where bytes come from
   * @param to where they go
   * @param weather at the beginning
   * @param chance in [0, 1), for jitter
   * @param onBytes sees what comes, before it passes
   */
  constructor(
    from: Socket,
    to: Socket,
    weather: Weather,
    chance: () => number,
    onBytes: (bytes: Buffer) => void,
  ) {
    this.#from = from;
    this.#to = to;
    this.weather = weather;
    this.#chance = chance;
    this.#onBytes = onBytes;
    from.on('data', (bytes) => this.#take(bytes));
    to.on('drain', () => this.#flow());
  }

  /** From here on nothing passes, not even the end. */
  swallow(): void {
    this.#swallowed = true;
    this.#queue = [];
    this.#queued = 0;
    this.#from.resume();
  }

  get swallowed(): boolean {
    return this.#swallowed;
  }

  /** Changes the next bytes that come. */
  changeNext(change: (bytes: Buffer) => Buffer): void {
    this.#next = change;
  }

  /**
   * Lets a part of the next bytes pass that come, and nothing after it.
   * @param part of bytes
   * @param done called then
   */
  cutNext(part: (bytes: Buffer) => Buffer, done: () => void): void {
    this.#next = (bytes) => {
      this.#onCut = done;
      return part(bytes);
    };
  }

  /** The source has ended: so does the target, after what waits. */
  end(): void {
    this.#ending = true;
    this.#flow();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = [];
  }

  #take(bytes: Buffer): void {
    if (this.#swallowed || this.#onCut) return;
    this.#onBytes(bytes);
    // Whatever that did may have been the end of this.
    if (this.#swallowed || this.#to.destroyed) return;
    const changed = this.#next?.(bytes) ?? bytes;
    this.#next = undefined;
    const { delayMs = 0, jitterMs = 0, bytesPerSecond } = this.weather;
    this.#due = Math.max(this.#due, performance.now() + delayMs + this.#chance() * jitterMs);
    const size = bytesPerSecond === undefined ? Number.POSITIVE_INFINITY : PIECE_BYTES;
    for (let at = 0; at < changed.length; at += size) {
      const piece = changed.subarray(at, at + size);
      this.#queue.push({ due: this.#due, bytes: piece });
      this.#queued += piece.length;
    }
    if (this.#queued > MOST_WAITING) this.#from.pause();
    this.#flow();
  }

  #flow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = performance.now();
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      const due = Math.max(head.due, this.#free);
      if (due > now) {
        this.#timer = setTimeout(() => this.#flow(), due - now).unref();
        return;
      }
      if (this.#to.destroyed || this.#to.writableNeedDrain) return;
      this.#queue.shift();
      this.#queued -= head.bytes.length;
      const { bytesPerSecond } = this.weather;
      if (bytesPerSecond !== undefined)
        this.#free = Math.max(this.#free, now) + (1000 * head.bytes.length) / bytesPerSecond;
      this.#to.write(head.bytes);
      if (this.#queued <= MOST_WAITING / 2) this.#from.resume();
    }
    if (this.#onCut) this.#onCut();
    else if (this.#ending && !this.#swallowed) this.#to.end();
  }
}
