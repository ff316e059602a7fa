/**
 * A signal that fires after a time, or with another signal if that is earlier.
 *
 * In place of `AbortSignal.any([outer, AbortSignal.timeout(ms)])`, which nothing holds but weak references in Node.js:
 * once the garbage collector has been by it never fires, and who waits for it waits for ever (nodejs/node#57736).
 */

/** Timers cannot be longer; a longer time never ends. */
const LONGEST_MS = 2 ** 31 - 1;

export class Deadline {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #onOuter = (): void => {
    this.stop();
    this.#controller.abort(this.#outer.reason);
  };

  /**
   * Starts the clock.
   * @param ms after which it fires, with a `TimeoutError`
   * @param outer which it follows until then
   */
  constructor(ms: number, outer: AbortSignal) {
    this.#outer = outer;
    if (ms <= LONGEST_MS) this.#timer = setTimeout(() => this.#onTime(ms), ms);
    if (outer.aborted) this.#onOuter();
    else outer.addEventListener('abort', this.#onOuter);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What was waited for is here: it fires no more. To be called in any case. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#onOuter);
  }

  #onTime(ms: number): void {
    this.stop();
    this.#controller.abort(new DOMException(`no answer within ${Math.ceil(ms)} ms`, 'TimeoutError'));
  }
}
