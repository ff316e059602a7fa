/** The time between two connections of a link: how long it may last, and why it began. */
import type { ChannelEnd } from '../channel/channel.js';

export class Outage {
  readonly #controller = new AbortController();
  readonly #end: ChannelEnd;
  readonly #onOver: (end: ChannelEnd) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silent: boolean;
  #detail = '';

  /**
   * Starts its clock.
   * @param end of the connection so far
   * @param silent whether the other end was silent only, and may come back by itself
   * @param limitMs how long it may last
   * @param onOver called once when it has lasted too long, with what there is to say
   */
  constructor(end: ChannelEnd, silent: boolean, limitMs: number, onOver: (end: ChannelEnd) => void) {
    this.#end = end;
    this.#silent = silent;
    this.#onOver = onOver;
    this.#wait(limitMs);
  }

  /** Fires when it is over, either way. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * A new connection failed: the other end is not only silent, so from here on the clock of broken connections runs.
   * @param detail what failed
   * @param graceMs how long it may take from now on
   */
  failed(detail: string, graceMs: number): void {
    this.#detail = detail;
    this.hurry(graceMs);
  }

  /**
   * Nobody waits any longer for an end that is only silent: from here on the clock of broken connections runs.
   * @param graceMs how long it may take from now on
   */
  hurry(graceMs: number): void {
    if (!this.#silent || this.signal.aborted) return;
    this.#silent = false;
    clearTimeout(this.#timer);
    this.#wait(graceMs);
  }

  /** How the link ends if it ends now. */
  end(detail: string): ChannelEnd {
    return { ...this.#end, detail: [this.#end.detail, detail].filter((text) => text !== '').join('; ') };
  }

  /** There is a connection again, or nobody wants one. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  #wait(limitMs: number): void {
    this.#timer = setTimeout(() => {
      this.stop();
      const cause = this.#detail === '' ? '' : `: ${this.#detail}`;
      this.#onOver(this.end(`not resumed within ${limitMs} ms${cause}`));
    }, limitMs);
  }
}
