/**
 * Two connections joined: what comes from one goes to the other, unread, and so does the close. When one end takes less
 * than the other sends, reading from the other pauses, so that no more waits here than the window and a message.
 */
import type { Account, Limits } from './accounts.js';
import type { Guest, GuestEnd } from './guest.js';
import type { RelayRefusal } from './refusals.js';

/** Small messages cost memory beyond their bytes. */
const MAX_QUEUED = 1024;

/** What a pair reports. */
export interface PairEvents {
  onForwarded(bytes: number): void;
  onEnd(): void;
}

export class Pair {
  readonly ends: readonly [Guest, Guest];
  readonly accounts: readonly [Account, Account];
  bytes = 0;
  readonly #limits: Limits;
  readonly #events: PairEvents;
  readonly #flows: readonly Flow[];
  readonly #idle: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  /** Forwards from now on. */
  constructor(
    ends: readonly [Guest, Guest],
    accounts: readonly [Account, Account],
    limits: Limits,
    events: PairEvents,
  ) {
    this.ends = ends;
    this.accounts = accounts;
    this.#limits = limits;
    this.#events = events;
    this.#flows = [this.#connect(0, 1), this.#connect(1, 0)];
    if (limits.idleMs !== Number.POSITIVE_INFINITY)
      this.#idle = setTimeout(() => this.end('idle', `for ${limits.idleMs} ms`), limits.idleMs).unref();
  }

  /** Ends both sides, with a reason of the relay. */
  end(reason: RelayRefusal, detail = ''): void {
    if (this.#ended) return;
    for (const guest of this.ends) guest.onEnd = () => {};
    for (const guest of this.ends) guest.refuse(reason, detail);
    this.#finish();
  }

  #connect(from: 0 | 1, to: 0 | 1): Flow {
    const [source, sink, account] = [this.ends[from], this.ends[to], this.accounts[from]];
    const flow = new Flow(source, sink, account, this.#limits.windowBytes);
    source.onMessage = (data, binary) => {
      account.charge(data.length);
      if (account.spent) return this.end('quota', `${this.#limits.bytesPerDay} bytes a day`);
      this.#idle?.refresh();
      this.bytes += data.length;
      this.#events.onForwarded(data.length);
      flow.push(data, binary);
    };
    source.onEnd = ({ code, reason }: GuestEnd) => {
      if (this.#ended) return;
      sink.onEnd = () => {};
      sink.close(code, reason);
      this.#finish();
    };
    return flow;
  }

  #finish(): void {
    this.#ended = true;
    clearTimeout(this.#idle);
    for (const flow of this.#flows) flow.stop();
    this.#events.onEnd();
  }
}

/** One direction of a pair. */
class Flow {
  readonly #source: Guest;
  readonly #sink: Guest;
  readonly #account: Account;
  readonly #window: number;
  #queued = 0;
  #full = false;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(source: Guest, sink: Guest, account: Account, window: number) {
    this.#source = source;
    this.#sink = sink;
    this.#account = account;
    this.#window = window;
  }

  push(data: Buffer, binary: boolean): void {
    this.#queued++;
    this.#sink.socket.send(data, { binary }, this.#onSent);
    this.#full ||= this.#queued > MAX_QUEUED || this.#sink.socket.bufferedAmount > this.#window;
    const pauseMs = this.#account.pauseMs;
    if (pauseMs > 0 && this.#pause === undefined)
      this.#pause = setTimeout(() => {
        this.#pause = undefined;
        this.#goOn();
      }, pauseMs);
    if ((this.#full || this.#pause !== undefined) && !this.#source.paused) this.#source.pause();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#pause);
  }

  readonly #onSent = (): void => {
    this.#queued--;
    if (!this.#full) return;
    this.#full = this.#queued > MAX_QUEUED / 2 || this.#sink.socket.bufferedAmount > this.#window / 2;
    this.#goOn();
  };

  #goOn(): void {
    if (!this.#full && this.#pause === undefined && !this.#stopped) this.#source.resume();
  }
}
