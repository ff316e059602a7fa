/**
 * One pending receive: settles exactly once, by a payload, an error, the deadline or the caller's signal.
 *
 * The deadline is about the peer, not about this thread: if the timer fires late because this thread was busy
 * computing, frames may be waiting behind it, and the receive gets some more time to see them.
 */
import type { Waiter } from './mailbox.js';

/** Timers cannot be longer; a longer deadline never comes. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const LATE_MS = 100;
const LATE_GRACE_MS = 1000;

export interface PendingOptions {
  timeoutMs: number;
  signal?: AbortSignal;
  /** The error to reject with at the deadline. */
  timeoutError(): Error;
  /** Called when the receive ends by deadline or signal, to leave the queue. */
  onGiveUp(waiter: Waiter): void;
  /** Called when the receive ends in any way. */
  onEnd(): void;
}

export class PendingReceive implements Waiter {
  readonly promise: Promise<Uint8Array>;
  readonly #options: PendingOptions;
  #resolve: (payload: Uint8Array) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PendingOptions) {
    this.#options = options;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { timeoutMs, signal } = options;
    if (timeoutMs <= MAX_TIMER_MS) {
      const due = performance.now() + timeoutMs;
      this.#timer = setTimeout(() => this.#onDeadline(due), timeoutMs);
    }
    signal?.addEventListener('abort', this.#onSignal);
  }

  deliver(payload: Uint8Array): void {
    this.#end();
    this.#resolve(payload);
  }

  fail(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  readonly #onSignal = (): void => this.#giveUp(this.#options.signal?.reason);

  #onDeadline(due: number): void {
    if (performance.now() - due > LATE_MS) {
      this.#timer = setTimeout(() => this.#giveUp(this.#options.timeoutError()), LATE_GRACE_MS);
    } else {
      this.#giveUp(this.#options.timeoutError());
    }
  }

  #giveUp(error: unknown): void {
    this.#options.onGiveUp(this);
    this.fail(error);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#onSignal);
    this.#options.onEnd();
  }
}
