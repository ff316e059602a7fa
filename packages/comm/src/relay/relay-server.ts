/**
 * A relay: for members that only dial out. A listener registers and stays; who wants to talk to it is announced to it,
 * and it opens a connection for each visitor that it lets in. The relay joins the two and forwards what they say, unread.
 *
 * It has no key and no secret of the members: they speak TLS with each other inside. It learns who talks to whom, when and
 * how much, and can refuse or break connections, nothing else.
 */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Rejection } from '../group/door.js';
import { type Account, Accounts, type Limits, withDefaults } from './accounts.js';
import type { Guest } from './guest.js';
import { parseDecline } from './messages.js';
import { namesOf } from './names.js';
import { Pair } from './pair.js';
import { Reception } from './reception.js';
import type { RelayRefusal } from './refusals.js';
import type { RelayOptions, RelayStats } from './relay-options.js';

/** A reason, and more about it. */
type Refusal = readonly [reason: RelayRefusal, detail?: string];

interface Listener {
  readonly guest: Guest;
  /** How many visitors it has heard of and said nothing about. */
  announced: number;
}

interface Waiting {
  readonly guest: Guest;
  readonly target: string;
}

/**
 * Starts a relay. Rejects with the error of the operating system if the address cannot be had.
 * @param options where to listen, for whom, and how much
 * @returns the relay, which runs until it is closed
 * @throws CommArgumentError if it has no name that anybody could dial
 */
export async function startRelay(options: RelayOptions = {}): Promise<Relay> {
  const { host = '127.0.0.1', port = 0, names, tls } = options;
  const isName = namesOf({ host, ...(names && { names }), ...(tls && { tls }) });
  const relay = new Relay(options, isName);
  const { server } = relay;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return relay;
}

export class Relay {
  readonly stats: RelayStats = {
    listeners: 0,
    waiting: 0,
    pairs: 0,
    pairsTotal: 0,
    messages: 0,
    bytes: 0,
    refusals: {},
  };
  readonly #options: RelayOptions;
  readonly #limits: Limits;
  readonly #accounts: Accounts;
  readonly #reception: Reception;
  /** By fingerprint. */
  readonly #listeners = new Map<string, Listener>();
  /** By visitor's id. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #pairs = new Set<Pair>();
  #open = true;
  #onPairEnded: () => void = () => {};

  /**
   * For `startRelay`.
   * @param options as there
   * @param isName whether a host, as dialed, is this relay
   */
  constructor(options: RelayOptions, isName: (dialed: string) => boolean) {
    this.#options = options;
    this.#limits = withDefaults(options.limits ?? {});
    this.#accounts = new Accounts(this.#limits);
    this.#reception = new Reception(options, {
      maxMessageBytes: this.#limits.maxMessageBytes,
      isName,
      isOpen: () => this.#open,
      onGuest: (guest) => this.#receive(guest),
      onRefused: (reason, fingerprint) => this.#count(reason, fingerprint),
    });
  }

  /** @internal */
  get server() {
    return this.#reception.server;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** `ws://host:port` or `wss://host:port`, as bound. */
  get address(): string {
    const { host = '127.0.0.1', tls } = this.#options;
    return `${tls ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  /**
   * Ends gracefully: takes nothing new, sends listeners away so that they register with a successor, waits for pairs to
   * end by themselves, and ends the rest.
   * @param ms how long to wait for pairs
   */
  async drain(ms: number): Promise<void> {
    this.#open = false;
    this.#reception.close();
    for (const { guest } of [...this.#listeners.values()]) guest.refuse('draining');
    for (const { guest } of [...this.#waiting.values()]) guest.refuse('draining');
    if (this.#pairs.size > 0 && ms > 0)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#onPairEnded = () => {
          if (this.#pairs.size > 0) return;
          clearTimeout(timer);
          resolve();
        };
      });
    for (const pair of [...this.#pairs]) pair.end('draining');
    await this.#reception.empty();
  }

  /** Ends at once; resumable links of members go on through another relay or this one's successor. */
  close(): Promise<void> {
    return this.drain(0);
  }

  #receive(guest: Guest): void {
    const refusal = this.#refusalOf(guest);
    if (refusal !== undefined) this.#refuse(guest, ...refusal);
    this.#accounts.release(guest.fingerprint);
    this.#update();
  }

  /** Gives a guest what it wants, or says why not. */
  #refusalOf(guest: Guest): Refusal | undefined {
    const { wish, fingerprint } = guest;
    const { allow } = this.#options;
    const allowed = typeof allow === 'function' ? allow(fingerprint) : (allow?.includes(fingerprint) ?? true);
    if (!allowed) return ['not allowed'];
    if (!this.#open) return ['draining'];
    if (wish.role === 'listen') return this.#register(guest);
    return wish.role === 'to' ? this.#announce(guest) : this.#letIn(guest);
  }

  /**
   * The newest of an identity wins: the older one is usually a connection that is dead already, which the relay cannot
   * know yet.
   */
  #register(guest: Guest): Refusal | undefined {
    const { fingerprint } = guest;
    const older = this.#listeners.get(fingerprint);
    if (older === undefined && this.#listeners.size >= this.#limits.listeners)
      return ['too many', 'listeners'];
    if (older !== undefined) this.#refuse(older.guest, 'replaced');
    const listener: Listener = { guest, announced: 0 };
    guest.onMessage = (data, binary) => {
      const id = binary ? undefined : parseDecline(data.toString());
      if (id === undefined || listener.announced === 0) this.#refuse(guest, 'malformed');
      else this.#decline(id, listener);
    };
    guest.onEnd = () => {
      if (this.#listeners.get(fingerprint) !== listener) return;
      this.#listeners.delete(fingerprint);
      this.#update();
      this.#options.onEvent?.({ type: 'left', fingerprint });
    };
    this.#listeners.set(fingerprint, listener);
    guest.trust();
    guest.say({ type: 'registered' });
    this.#options.onEvent?.({ type: 'listening', fingerprint });
    return undefined;
  }

  #announce(guest: Guest): Refusal | undefined {
    const { fingerprint } = guest;
    const { target } = guest.wish;
    const listener = this.#listeners.get(target);
    const account = this.#accounts.of(fingerprint);
    const { waitingPerIdentity, acceptTimeoutMs } = this.#limits;
    const limit = this.#limitOf(account);
    if (limit !== undefined) return limit;
    if (listener === undefined) return ['absent'];
    const here = [...this.#waiting.values()].filter((other) => other.target === target).length;
    if (account.waiting >= waitingPerIdentity || here >= waitingPerIdentity)
      return ['too many', 'visitors that wait'];
    const id = randomBytes(18).toString('base64url');
    const timer = setTimeout(() => this.#refuse(guest, 'no answer'), acceptTimeoutMs);
    account.waiting++;
    this.#waiting.set(id, { guest, target });
    // The limit on what it may send stays until it is let in.
    guest.onMessage = () => this.#refuse(guest, 'malformed');
    guest.onEnd = () => {
      clearTimeout(timer);
      account.waiting--;
      this.#waiting.delete(id);
      this.#accounts.release(fingerprint);
      this.#update();
    };
    listener.announced++;
    listener.guest.say({ type: 'visitor', id, from: fingerprint });
    return undefined;
  }

  #decline(id: string, listener: Listener): void {
    listener.announced--;
    const visitor = this.#waiting.get(id);
    if (visitor?.target === listener.guest.fingerprint) this.#refuse(visitor.guest, 'declined');
  }

  #letIn(guest: Guest): Refusal | undefined {
    const visitor = this.#waiting.get(guest.wish.target);
    if (visitor === undefined || visitor.target !== guest.fingerprint) return ['gone'];
    const listener = this.#listeners.get(guest.fingerprint);
    if (listener !== undefined && listener.announced > 0) listener.announced--;
    const other = visitor.guest;
    const accounts = [this.#accounts.of(other.fingerprint), this.#accounts.of(guest.fingerprint)] as const;
    const limit = this.#limitOf(accounts[0]) ?? this.#limitOf(accounts[1]);
    if (limit !== undefined) {
      this.#refuse(other, ...limit);
      return limit;
    }
    for (const account of accounts) account.pairs++;
    // It waits no more.
    other.onEnd({ code: 1000, reason: '' });
    this.#join(other, guest, accounts);
    return undefined;
  }

  #join(visitor: Guest, guest: Guest, accounts: readonly [Account, Account]): void {
    const { onEvent } = this.#options;
    const [from, to] = [visitor.fingerprint, guest.fingerprint];
    const { maxMessageBytes } = this.#limits;
    const pair = new Pair([visitor, guest], accounts, this.#limits, {
      onForwarded: (bytes) => {
        this.stats.messages++;
        this.stats.bytes += bytes;
      },
      onEnd: () => {
        this.#pairs.delete(pair);
        for (const account of accounts) account.pairs--;
        for (const fingerprint of [from, to]) this.#accounts.release(fingerprint);
        this.#update();
        onEvent?.({ type: 'parted', from, to, bytes: pair.bytes });
        this.#onPairEnded();
      },
    });
    this.#pairs.add(pair);
    this.stats.pairsTotal++;
    this.#update();
    for (const end of pair.ends) {
      end.trust();
      end.say({ type: 'paired', maxMessageBytes });
    }
    onEvent?.({ type: 'paired', from, to });
  }

  /** What keeps an identity from one more pair. */
  #limitOf(account: Account): Refusal | undefined {
    const { pairs, pairsPerIdentity, bytesPerDay } = this.#limits;
    if (this.#pairs.size >= pairs) return ['too many', 'pairs'];
    if (account.pairs >= pairsPerIdentity) return ['too many', `${pairsPerIdentity} pairs of one identity`];
    if (account.spent) return ['quota', `${bytesPerDay} bytes a day`];
    return undefined;
  }

  #refuse(guest: Guest, reason: RelayRefusal, detail = ''): void {
    if (guest.ended) return;
    this.#count(reason, guest.fingerprint);
    guest.refuse(reason, detail);
  }

  #count(reason: RelayRefusal | Rejection, fingerprint?: string): void {
    const { refusals } = this.stats;
    refusals[reason] = (refusals[reason] ?? 0) + 1;
    this.#options.onEvent?.({ type: 'refused', reason, ...(fingerprint && { fingerprint }) });
  }

  #update(): void {
    this.stats.listeners = this.#listeners.size;
    this.stats.waiting = this.#waiting.size;
    this.stats.pairs = this.#pairs.size;
  }
}
