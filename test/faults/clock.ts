/**
 * Time for members that all live in this thread. It stands still while anybody has work to do or bytes to read, and runs
 * fast while all of them wait: so no deadline passes because the machine is busy, and none takes long to pass.
 *
 * It takes the place of timers and of `performance.now`. Connections stay real: what is on its way between two sockets of
 * this machine shows as an event of the loop, and while there are events time stands still. `Date` is left alone.
 */
import { performance } from 'node:perf_hooks';
import type { TimerOptions } from 'node:timers';

const own = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
};
const realNow = performance.now.bind(performance);

/** How long the loop has to be idle before time goes on. */
const QUIET_MS = 0.5;
/** How far it may go then: the kernel has clocks of its own, of 40 ms and less. */
const STEP_MS = 10;
/** A turn of an idle loop is shorter; in a longer one somebody has worked. */
const TURN_MS = 0.25;
/** How long those that clean up may take when it stops. */
const LAST_MS = 60_000;
type Callback = (...args: unknown[]) => void;

/** As much of a timer of Node.js as anybody uses. */
class Timer {
  due: number;
  readonly #clock: Clock;
  readonly #ms: number;
  readonly repeats: boolean;
  readonly #callback: Callback;
  readonly #args: readonly unknown[];

  constructor(clock: Clock, callback: Callback, ms: unknown, args: readonly unknown[], repeats: boolean) {
    this.#clock = clock;
    this.#callback = callback;
    this.#args = args;
    this.repeats = repeats;
    const given = Number(ms);
    this.#ms = given >= 1 && given < 2 ** 31 ? Math.trunc(given) : 1;
    this.due = clock.now() + this.#ms;
    clock.timers.add(this);
  }

  fire(): void {
    if (this.repeats) this.refresh();
    else this.close();
    this.#callback(...this.#args);
  }

  refresh(): this {
    this.close();
    this.due = this.#clock.now() + this.#ms;
    this.#clock.timers.add(this);
    return this;
  }

  close(): this {
    this.#clock.timers.delete(this);
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export class Clock {
  /** In the order in which they were set. */
  readonly timers = new Set<Timer>();
  #now = 0;
  #running = false;
  #step = STEP_MS;
  #events = 0;
  #turned = 0;
  #quietSince = 0;

  /** Milliseconds of this clock. */
  readonly now = (): number => this.#now;

  /** Takes the place of the timers of this process, until `stop`. */
  start(): void {
    this.#now = performance.now();
    this.#running = true;
    this.#step = STEP_MS;
    const set =
      (repeats: boolean) =>
      (callback: Callback, ms?: number | TimerOptions, ...args: unknown[]): Timer =>
        new Timer(this, callback, ms, args, repeats);
    const clear =
      (other: (timer: never) => void) =>
      (timer: unknown): void => {
        if (timer instanceof Timer) timer.close();
        else other(timer as never);
      };
    Object.assign(globalThis, {
      setTimeout: set(false),
      setInterval: set(true),
      clearTimeout: clear(own.clearTimeout),
      clearInterval: clear(own.clearInterval),
    });
    Object.defineProperty(performance, 'now', { value: this.now, configurable: true });
    this.#look();
  }

  /** Gives everything back, after the timers that are left have fired: they clean up. */
  async stop(): Promise<void> {
    const until = this.#now + LAST_MS;
    this.#step = LAST_MS;
    for (let next = this.#last(until); next !== undefined; next = this.#last(until))
      await this.sleep(next.due - this.#now);
    this.#running = false;
    this.timers.clear();
    Object.assign(globalThis, own);
    Reflect.deleteProperty(performance, 'now');
  }

  /**
   * Waits, in the time of this clock.
   * @param ms how long
   */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void new Timer(this, resolve as Callback, ms, [], false));
  }

  /** A timer that fires once, until then. */
  #last(until: number): Timer | undefined {
    return [...this.timers].find(({ repeats, due }) => !repeats && due <= until);
  }

  /** Begins to wait for an idle loop. */
  #look(): void {
    this.#turned = this.#quietSince = realNow();
    own.setImmediate(this.#turn);
  }

  /** After each poll: turns of the loop are counted and not slept through, so that a busy machine takes no part in it. */
  readonly #turn = (): void => {
    if (!this.#running) return;
    const now = realNow();
    const { events } = performance.nodeTiming.uvMetricsInfo;
    if (events !== this.#events || now - this.#turned > TURN_MS) this.#quietSince = now;
    this.#events = events;
    this.#turned = now;
    if (now - this.#quietSince >= QUIET_MS) this.#advance(this.#now + this.#step);
    else own.setImmediate(this.#turn);
  };

  /** Goes as far as the next timer that is due until then, and lets all fire that are due there. */
  #advance(until: number): void {
    const next = Math.min(until, ...[...this.timers].map(({ due }) => due));
    this.#now = Math.max(this.#now, next);
    this.#fire([...this.timers].filter(({ due }) => due <= this.#now).sort((a, b) => a.due - b.due));
  }

  /** Each in a turn of its own, so that promises go on in between, as with the timers of Node.js. */
  #fire([timer, ...others]: Timer[]): void {
    if (timer === undefined) {
      this.#look();
      return;
    }
    own.setImmediate(() => {
      this.#fire(others);
      if (this.timers.has(timer)) timer.fire();
    });
  }
}
