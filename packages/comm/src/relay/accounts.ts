/** What each identity has open at a relay and how much it has sent, against the limits. */

export interface RelayLimits {
  /** How many members may wait for visitors, altogether. Default 1000. */
  readonly listeners?: number;
  /** How many pairs may be connected, altogether; each may take some MiB of memory. Default 1000. */
  readonly pairs?: number;
  /** How many pairs one identity may be part of. Default 64. */
  readonly pairsPerIdentity?: number;
  /** How many visitors may wait to be let in: of one identity, or at one. Default 32. */
  readonly waitingPerIdentity?: number;
  /** How fast one identity may send through all of its pairs; it is slowed down to that. Default no limit. */
  readonly bytesPerSecond?: number;
  /** How much one identity may send on one day (UTC); its pairs are closed then. Default no limit. */
  readonly bytesPerDay?: number;
  /** How long a visitor may wait to be let in. Default 10 s. */
  readonly acceptTimeoutMs?: number;
  /** How long a pair may exist without a message. Default no limit: heartbeats find dead ends. */
  readonly idleMs?: number;
  /** The largest message that is forwarded. Default 1 MiB. */
  readonly maxMessageBytes?: number;
  /** How much may wait for a slow end of a pair before its other end has to pause. Default 1 MiB. */
  readonly windowBytes?: number;
}

/** With everything filled in. */
export type Limits = Required<RelayLimits>;

export const withDefaults = (limits: RelayLimits): Limits => ({
  listeners: 1000,
  pairs: 1000,
  pairsPerIdentity: 64,
  waitingPerIdentity: 32,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  bytesPerDay: Number.POSITIVE_INFINITY,
  acceptTimeoutMs: 10_000,
  idleMs: Number.POSITIVE_INFINITY,
  maxMessageBytes: 2 ** 20,
  windowBytes: 2 ** 20,
  ...limits,
});

const DAY_MS = 86_400_000;
/** Identities are free, so what is remembered of those that are away has an end. */
const MAX_REMEMBERED = 100_000;

export class Account {
  pairs = 0;
  waiting = 0;
  readonly #limits: Limits;
  /** Bytes that it has sent faster than it may. */
  #ahead = 0;
  #since = performance.now();
  #day = 0;
  #today = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Books a message that was sent. */
  charge(bytes: number): void {
    this.#turn();
    this.#today += bytes;
    const { bytesPerSecond } = this.#limits;
    if (bytesPerSecond === Number.POSITIVE_INFINITY) return;
    const now = performance.now();
    this.#ahead = Math.max(0, this.#ahead - ((now - this.#since) / 1000) * bytesPerSecond) + bytes;
    this.#since = now;
  }

  /** How long it has to pause to keep to its rate; a tenth of a second's worth may come at once. */
  get pauseMs(): number {
    const { bytesPerSecond } = this.#limits;
    if (bytesPerSecond === Number.POSITIVE_INFINITY) return 0;
    return Math.max(0, this.#ahead / bytesPerSecond - 0.1) * 1000;
  }

  /** Whether it has sent all that it may today. */
  get spent(): boolean {
    this.#turn();
    return this.#today >= this.#limits.bytesPerDay;
  }

  /** Whether there is anything to remember. */
  get idle(): boolean {
    this.#turn();
    return this.pairs === 0 && this.waiting === 0 && (this.#today === 0 || !this.#daily);
  }

  get #daily(): boolean {
    return this.#limits.bytesPerDay !== Number.POSITIVE_INFINITY;
  }

  /** A new day has a new allowance. */
  #turn(): void {
    if (!this.#daily) return;
    const day = Math.floor(Date.now() / DAY_MS);
    if (day !== this.#day) this.#today = 0;
    this.#day = day;
  }
}

export class Accounts {
  readonly #limits: Limits;
  readonly #accounts = new Map<string, Account>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The account of an identity. */
  of(fingerprint: string): Account {
    let account = this.#accounts.get(fingerprint);
    if (account === undefined) {
      account = new Account(this.#limits);
      this.#accounts.set(fingerprint, account);
    }
    return account;
  }

  /** Forgets an account that nothing hangs on; to be called whenever something of it ends. */
  release(fingerprint: string): void {
    if (this.#accounts.get(fingerprint)?.idle) this.#accounts.delete(fingerprint);
    if (this.#accounts.size <= MAX_REMEMBERED) return;
    for (const [other, account] of this.#accounts) {
      if (account.pairs > 0 || account.waiting > 0) continue;
      this.#accounts.delete(other);
      return;
    }
  }
}
