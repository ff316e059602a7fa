/**
 * Two channels in one thread with a network between them that tests control: delays, tampering, breaks that both ends
 * see, and breaks that one of them does not see.
 */
import { Arrivals, type Channel, type ChannelEnd, type ChannelListener, endOf } from '@tacit/comm/layers';

/** In [0, 1), from the source that the test runner seeds, so that a run can be repeated. */
export const chance = (): number => crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32;

export type Sent = string | Uint8Array<ArrayBuffer>;

export interface WireOptions {
  /** Largest delay of a message; they stay in order. Default 0: the next turn. */
  readonly delayMs?: number;
  /** What arrives instead of a message of `from` (0 or 1): others, or none. Default the message itself. */
  readonly tamper?: (message: Sent, from: number) => readonly Sent[];
}

export class Wire {
  readonly ends: readonly [Channel, Channel];
  readonly #ends: readonly [WireEnd, WireEnd];

  /** @param options what happens to messages; by default they arrive in the next turn, unchanged */
  constructor(options: WireOptions = {}) {
    const a = new WireEnd(0, options);
    const b = new WireEnd(1, options);
    a.peer = b;
    b.peer = a;
    this.ends = [a, b];
    this.#ends = [a, b];
  }

  /**
   * Breaks the connection: what is on its way is lost.
   * @param seenBy which ends are told; the other one goes on as if nothing had happened
   */
  cut(seenBy: 'both' | 0 | 1 = 'both'): void {
    for (const [i, end] of this.#ends.entries()) end.lose(seenBy === 'both' || seenBy === i);
  }
}

class WireEnd implements Channel {
  peer: WireEnd | undefined;
  readonly #arrivals = new Arrivals();
  readonly #side: number;
  readonly #options: WireOptions;
  #inFlight: { readonly due: number; readonly arrive: () => void }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = 0;
  #lost = false;

  constructor(side: number, options: WireOptions) {
    this.#side = side;
    this.#options = options;
  }

  get ended(): ChannelEnd | undefined {
    return this.#arrivals.ended;
  }

  send(message: Sent): void {
    if (this.ended !== undefined) return;
    for (const piece of this.#options.tamper?.(message, this.#side) ?? [message])
      this.#toPeer((peer) =>
        peer.#arrivals.push(typeof piece === 'string' ? piece : new Uint8Array(piece).buffer),
      );
  }

  listen(listener: ChannelListener | undefined): void {
    this.#arrivals.listen(listener);
  }

  bufferedBytes(): number {
    return 0;
  }

  close(code: number, reason: string): void {
    if (this.ended !== undefined) return;
    this.#toPeer((peer) => peer.#finish(endOf(code, reason)));
    this.#finish(endOf(code, reason));
  }

  destroy(): void {
    if (this.ended !== undefined) return;
    this.#toPeer((peer) => peer.#finish(endOf(1006, '')));
    this.#finish(endOf(1006, ''));
  }

  lose(seen: boolean): void {
    this.#lost = true;
    this.#inFlight = [];
    if (seen) this.#finish(endOf(1006, 'cut'));
  }

  #finish(end: ChannelEnd): void {
    this.#arrivals.finish(end);
  }

  #toPeer(arrive: (peer: WireEnd) => void): void {
    const { peer } = this;
    if (this.#lost || peer === undefined) return;
    this.#last = Math.max(this.#last, performance.now() + chance() * (this.#options.delayMs ?? 0));
    this.#inFlight.push({ due: this.#last, arrive: () => arrive(peer) });
    this.#timer ??= setTimeout(this.#deliver, 0);
  }

  readonly #deliver = (): void => {
    this.#timer = undefined;
    while (this.#inFlight.length > 0 && this.#inFlight[0].due <= performance.now())
      this.#inFlight.shift()?.arrive();
    if (this.#inFlight.length > 0) this.#timer = setTimeout(this.#deliver, 1);
  };
}
