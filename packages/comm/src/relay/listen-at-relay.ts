/**
 * A member that waits at a relay for others. It keeps one connection to the relay, makes it again when it breaks, with
 * growing pauses, and opens another one for each visitor, which the hub admits like any connection: what the relay says
 * about a visitor proves nothing.
 */
import { randomInt } from 'node:crypto';
import { abortable } from '../abortable.js';
import type { Channel, ChannelEnd } from '../channel/channel.js';
import { Deadline } from '../deadline.js';
import { HandshakeError } from '../errors.js';
import type { TlsIdentity } from '../tls/tls-identity.js';
import { connectToRelay, type RelayConnectionSettings, relayBase } from './connect.js';
import { RelayError } from './errors.js';
import { type LoadedIdentity, loadIdentity } from './identity.js';
import { parseRelayMessage, type Visitor } from './messages.js';
import type { Wish } from './proof.js';
import { explain, RELAY_REFUSALS, relayRefusal } from './refusals.js';
import { relayedAddress } from './relay-opener.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
const HANDSHAKE_MS = 20_000;
/** Beats that are late since this thread was busy do not count, so this may be short. */
const DEAD_AFTER_MS = 60_000;
/** Relays announce fewer at a time. */
const MAX_ARRIVING = 64;

export interface RelayListenOptions extends RelayConnectionSettings {
  /** Address of the relay, e.g. `wss://relay.example`. */
  readonly url: string;
  /** Who this member is; the hub has the same identity. */
  readonly identity: TlsIdentity;
  /** Takes the visitors' connections, e.g. what `listen({ identity })` gives. */
  readonly hub: { admit(channel: Channel): void };
  /**
   * Whether a visitor may come in at all, by the fingerprint that it proved to the relay. Others hear that they are not
   * wanted, and the hub does not hear of them. Default: everybody, and the hub decides.
   */
  readonly accept?: (fingerprint: string) => boolean;
  /** How long the relay may take to answer, before it is dialed again. Default 20 s. */
  readonly handshakeTimeoutMs?: number;
  /** Ends it, as `close` does. */
  readonly signal?: AbortSignal;
  /** Hears how it goes. */
  readonly onState?: (state: RelayState) => void;
}

/** How a member's place at a relay is doing. */
export type RelayState =
  | { readonly state: 'connecting' | 'listening' | 'closed' }
  /** Not connected; the next attempt comes after a pause. */
  | { readonly state: 'waiting'; readonly error: Error; readonly pauseMs: number }
  /** Another process with this identity has taken the place; this one gives up. */
  | { readonly state: 'replaced'; readonly error: Error };

/** A member's place at a relay. */
export interface RelayDoor {
  /** Where others reach this member: `wss://relay/to/<fingerprint>`. */
  readonly address: string;
  /** The latest. */
  readonly state: RelayState;
  /** Resolves when it is over: with an error if another process took the place, with undefined after `close`. */
  readonly ended: Promise<Error | undefined>;
  /** Leaves. Connections of visitors stay. */
  close(): void;
}

/**
 * Registers at a relay and stays there until it is closed.
 * @param options where, as whom, and who takes the visitors
 * @returns once registered, however long it takes the relay to appear; see `onState`, and use `signal` to give up
 * @throws HandshakeError if the relay refuses for good at first, CommArgumentError on an address or identity that is
 *   none, or the reason of the signal
 */
export async function listenAtRelay(options: RelayListenOptions): Promise<RelayDoor> {
  const identity = loadIdentity(options.identity);
  const door = new Place(options, identity);
  return door.open();
}

class Place implements RelayDoor {
  readonly address: string;
  readonly ended: Promise<Error | undefined>;
  readonly #options: RelayListenOptions;
  readonly #relay: string;
  readonly #identity: LoadedIdentity;
  readonly #leaving = new AbortController();
  readonly #signal: AbortSignal;
  #state: RelayState = { state: 'connecting' };
  #arriving = 0;
  #end: (error: Error | undefined) => void = () => {};

  constructor(options: RelayListenOptions, identity: LoadedIdentity) {
    this.#options = options;
    this.#relay = relayBase(options.url);
    this.#identity = identity;
    this.address = relayedAddress(options.url, identity.fingerprint);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { signal } = this.#leaving;
    this.#signal = options.signal ? AbortSignal.any([options.signal, signal]) : signal;
  }

  get state(): RelayState {
    return this.#state;
  }

  close(): void {
    this.#leaving.abort();
  }

  /** Runs until the first registration, and from then on by itself. */
  async open(): Promise<RelayDoor> {
    this.#signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      let registered = false;
      const onRegistered = (): void => {
        registered = true;
        resolve(this);
      };
      this.#run(onRegistered, () => registered).then(this.#end, (error) => {
        reject(error);
        this.#end(error);
      });
    });
  }

  /** Resolves when the place is left, or taken by another. Rejects only before the first registration. */
  async #run(onRegistered: () => void, wasRegistered: () => boolean): Promise<Error | undefined> {
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      let error: Error;
      try {
        this.#become({ state: 'connecting' });
        const end = await this.#stay(() => {
          pauseMs = FIRST_PAUSE_MS;
          this.#become({ state: 'listening' });
          onRegistered();
        });
        error = this.#reasonOf(end);
        if (end.code === RELAY_REFUSALS.replaced) {
          this.#become({ state: 'replaced', error });
          return error;
        }
      } catch (failure) {
        error = failure instanceof Error ? failure : new Error(String(failure));
        if (!wasRegistered() && !this.#signal.aborted && error instanceof HandshakeError) {
          this.#become({ state: 'closed' });
          throw error;
        }
      }
      if (this.#signal.aborted) {
        this.#become({ state: 'closed' });
        if (wasRegistered()) return undefined;
        throw this.#signal.reason;
      }
      // Members that a relay sends away together do not come back together.
      const pause = Math.round((pauseMs * randomInt(750, 1250)) / 1000);
      this.#become({ state: 'waiting', error, pauseMs: pause });
      await sleep(pause, this.#signal).catch(() => {});
      pauseMs = Math.min(pauseMs * 1.7, LONGEST_PAUSE_MS);
    }
  }

  /** One connection to the relay, from its beginning to its end. */
  async #stay(onRegistered: () => void): Promise<ChannelEnd> {
    const { settings } = this;
    const wish = { role: 'listen', target: '' } as const;
    const channel = await this.#connect(wish, { deadAfterMs: DEAD_AFTER_MS, ...settings });
    channel.authenticated?.();
    try {
      return await abortable<ChannelEnd>(this.#signal, (resolve) => {
        channel.listen({
          onMessage: (message) => {
            const said = typeof message === 'string' ? parseRelayMessage(message) : undefined;
            if (said?.type === 'visitor') this.#receive(said, channel);
            else channel.destroy();
          },
          onEnd: resolve,
        });
        onRegistered();
        return undefined;
      });
    } finally {
      channel.close(1000, 'goodbye');
    }
  }

  get settings(): RelayConnectionSettings {
    const { agent, trust, maxPayloadBytes, pingIntervalMs, deadAfterMs, closeTimeoutMs } = this.#options;
    const settings = { agent, trust, maxPayloadBytes, pingIntervalMs, deadAfterMs, closeTimeoutMs };
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given) as RelayConnectionSettings;
  }

  #receive({ id, from }: Visitor, relay: Channel): void {
    if (this.#options.accept?.(from) === false) relay.send(JSON.stringify({ type: 'decline', id }));
    else if (this.#arriving < MAX_ARRIVING) void this.#letIn(id);
  }

  /** A visitor whose connection does not come about hears from the relay that nobody answered, and comes again. */
  async #letIn(id: string): Promise<void> {
    this.#arriving++;
    try {
      const channel = await this.#connect({ role: 'accept', target: id }, this.settings);
      this.#options.hub.admit(channel);
    } catch {
      // As said above.
    } finally {
      this.#arriving--;
    }
  }

  async #connect(wish: Wish, settings: RelayConnectionSettings): Promise<Channel> {
    const attempt = new Deadline(this.#options.handshakeTimeoutMs ?? HANDSHAKE_MS, this.#signal);
    try {
      return await connectToRelay(this.#relay, wish, this.#identity, settings, attempt.signal);
    } finally {
      attempt.stop();
    }
  }

  #reasonOf(end: ChannelEnd): Error {
    const relay = new URL(this.#relay).host;
    const reason = relayRefusal(end.code);
    const own = this.#identity.fingerprint;
    if (reason !== undefined) return new RelayError(reason, explain(reason, { relay, own, detail: '' }));
    return new RelayError(
      'disconnected',
      `the connection to the relay ${relay} broke: ${end.detail || end.reason}`,
    );
  }

  #become(state: RelayState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }
}

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  abortable(signal, (resolve) => {
    const timer = setTimeout(resolve, ms);
    return () => clearTimeout(timer);
  });
