/**
 * The listening side of groups over WebSockets: one server, any number of sessions.
 *
 * A connection has 5 seconds and 4 KiB to prove that it belongs to a session that is forming here (`door.ts`), and 16 KiB
 * if it speaks TLS inside; all others are dropped and counted, and no session notices them. A web page is not let in
 * unless its origin is allowed. A peer that cannot prove itself does not hear what would have been wrong with its hello:
 * it may find out that a session with an id that it knows forms here, and not of how many members, nor which of them.
 */
import type { AddressInfo, Server, Socket } from 'node:net';
import { abortable } from '../abortable.js';
import type { Channel } from '../channel/channel.js';
import { GuardedChannel } from '../channel/guarded-channel.js';
import { readMessage } from '../channel/read-message.js';
import { StreamChannel } from '../channel/stream-channel.js';
import { isTls, refuseExpired, tlsFacts } from '../channel/tls-facts.js';
import { CommArgumentError, CommClosedError, HandshakeError, PeerUnreachableError } from '../errors.js';
import { decoy } from '../secure/decoy.js';
import {
  type Opening,
  openingOf,
  parseJson,
  REFUSALS,
  type Refusal,
  refuse,
  type SecureLayer,
} from '../secure/secure-layer.js';
import { tlsServer } from '../tls/tls-channel.js';
import { Door, type DoorSettings, type Rejection, type Visitor } from './door.js';
import {
  createHubServer,
  type HubServer,
  type HubServerOptions,
  isEncrypted,
  serveChannels,
} from './hub-server.js';

/** The version of control channels: what a control channel begins with is `{"type":"control","version":1}`. */
export const CONTROL_VERSION = 1;

export interface ListenOptions extends HubServerOptions, DoorSettings {
  /**
   * Takes connections that belong to no session: those on which TLS has proved a certificate, and whose first message,
   * which is taken off, is `{"type":"control","version":1}`. Until `channel.authenticated()` is called they have the
   * deadline and the limits of all others at the door.
   */
  onControl?: (channel: Channel) => void;
  /**
   * Asked about a hello for a session that does not form here: whether somebody may prove who it is nevertheless, and how.
   * Nothing of the opening is proved yet. Without an answer the dialer hears what every other stranger hears.
   */
  onGuest?: (opening: Opening) => GuestDoor | undefined;
}

/** How somebody who belongs to no session may prove who it is. */
export interface GuestDoor {
  readonly layer: SecureLayer;
  /** Gets the channel once it has. */
  onChannel(channel: Channel): void;
}

/** How many connections a hub has let in and turned away, and why. */
export interface HubStats {
  accepted: number;
  rejected: number;
  readonly reasons: Partial<Record<Rejection, number>>;
}

export interface JoinOptions {
  readonly sessionId: string;
  readonly layer: SecureLayer;
  readonly rank: number;
  readonly size: number;
  /** The members that will connect. */
  readonly expect: readonly number[];
  /** Whether members may come back later: then the session stays known until `leave`. */
  readonly resumable: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Called before this fails, with the members that are not there. */
  readonly onFailed?: (missing: readonly number[]) => void;
}

/** The connections of one member in one session. */
export interface Joined {
  readonly channels: ReadonlyMap<number, Channel>;
  /** Calls back for a member that connects again from now on; only in resumable sessions. */
  onReturn(handler: (from: number, channel: Channel) => void): void;
  /** Forgets the session; connections stay. */
  leave(): void;
}

interface Session {
  readonly options: JoinOptions;
  readonly channels: Map<number, Channel>;
  /** Everybody came: what is left of the session is its name, and the way back for members that lost a connection. */
  formed: boolean;
  onReturn: ((from: number, channel: Channel) => void) | undefined;
  onArrival(): void;
  fail(error: Error): void;
}

const UNAUTHENTICATED_BYTES = 4096;
/** How long a member that is here already may take to show it when another one says to be it. */
const CHALLENGE_MS = 2000;
/** The two flights of a TLS client are 1 to 3 KiB with a certificate of its own, and up to 9 with a chain of a company. */
const UNAUTHENTICATED_TLS_BYTES = 16_384;
/** All channels that came some other way count as from one address. */
const ELSEWHERE = 'elsewhere';

/** A connection at the door. */
interface Arrival {
  readonly channel: Channel;
  readonly visitor: Visitor;
  /** Changes the limit on what it may send. */
  allow(bytes: number): void;
}

/**
 * Starts a hub. Rejects with the error of the operating system if the address cannot be had.
 * @param options where to listen, for whom, and how patiently
 * @returns the hub, which listens until it is closed
 */
export async function listen(options: ListenOptions = {}): Promise<WebSocketHub> {
  const servers = createHubServer(options);
  const { server } = servers;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return new WebSocketHub(servers, options);
}

/**
 * A hub that listens nowhere: it gets its connections by `admit`, from a relay say.
 * @param options for whom, and how patiently; where to listen is ignored
 * @returns the hub, without an address
 */
export const hubWithoutListening = (options: ListenOptions = {}): WebSocketHub =>
  new WebSocketHub(undefined, options);

export class WebSocketHub {
  readonly host: string;
  readonly port: number;
  /** `ws://host:port` or `wss://host:port`, as bound; empty if it listens nowhere. */
  readonly address: string;
  readonly stats: HubStats = { accepted: 0, rejected: 0, reasons: {} };
  readonly #server: Server | undefined;
  readonly #settings: ListenOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #door: Door;
  #closed = false;

  /**
   * For `listen` and `hubWithoutListening`.
   * @param servers which listen already, if any
   * @param settings of the door and of sockets
   */
  constructor(servers: HubServer | undefined, settings: ListenOptions) {
    this.#server = servers?.server;
    this.#settings = settings;
    this.#door = new Door(settings, (reason) => this.#count(reason));
    const bound = servers?.server.address() as AddressInfo | undefined;
    this.host = bound?.address ?? '';
    this.port = bound?.port ?? 0;
    this.address = bound === undefined ? '' : urlOf(bound, isEncrypted(settings) ? 'wss' : 'ws');
    if (servers === undefined) return;
    serveChannels(servers, settings, this.#door, {
      onChannel: (channel, visitor, stream) => {
        channel.onAuthenticated = () => this.#letIn(visitor);
        channel.guard(stream, UNAUTHENTICATED_BYTES, () => this.#tooMuch(visitor));
        void this.#receive({ channel, visitor, allow: (limit) => channel.allow(limit) }, stream);
      },
      onStream: (stream, visitor) => {
        const guard = {
          limit: UNAUTHENTICATED_BYTES,
          onExceeded: () => this.#tooMuch(visitor),
          onAuthenticated: () => this.#letIn(visitor),
        };
        const channel = new StreamChannel(stream, { ...settings, ...tlsFacts(stream, true), guard });
        void this.#receive({ channel, visitor, allow: () => {} }, stream);
      },
    });
  }

  /**
   * Takes a channel that came some other way, such as through a relay. It has the deadline, the limits and the
   * handshakes of a socket.
   * @param channel one on which nothing has been read
   */
  admit(channel: Channel): void {
    if (this.#closed) {
      channel.destroy();
      return;
    }
    const guarded: GuardedChannel = new GuardedChannel(
      channel,
      UNAUTHENTICATED_BYTES,
      () => this.#tooMuch(guarded),
      () => this.#letIn(guarded),
    );
    this.#door.enter(guarded, ELSEWHERE);
    void this.#receive({ channel: guarded, visitor: guarded, allow: (limit) => guarded.allow(limit) });
  }

  /**
   * Waits for the members in `expect`, for `webSocketTransport`. After a failure no connection stays open.
   * @param options the session, this member's place in it, and how long to wait
   * @returns the authenticated channels by rank
   * @throws PeerUnreachableError naming the first that is missing at the timeout, CommArgumentError if this member of the
   *   session is here already, CommClosedError, or the reason of `signal`
   */
  async join(options: JoinOptions): Promise<Joined> {
    const { sessionId, rank, expect, timeoutMs, signal } = options;
    const id = sessionKey(sessionId, rank);
    if (this.#closed) throw new CommClosedError('this hub is closed');
    if (this.#sessions.has(id))
      throw new CommArgumentError(`rank ${rank} of session ${sessionId} is already here`);
    const leave = (): void => void this.#sessions.delete(id);
    const channels = new Map<number, Channel>();
    const missing = (): number[] => expect.filter((peer) => !isAlive(channels.get(peer)));
    try {
      return await abortable(signal, (resolve, reject) => {
        const session: Session = {
          options,
          channels,
          formed: false,
          onReturn: undefined,
          onArrival: () => {
            if (session.formed || missing().length > 0) return;
            session.formed = true;
            session.fail = leave;
            resolve({
              channels,
              leave,
              onReturn: (handler) => {
                session.onReturn = handler;
              },
            });
          },
          fail: reject,
        };
        this.#sessions.set(id, session);
        const timer = setTimeout(() => {
          const [absent = -1] = missing();
          reject(new PeerUnreachableError(absent, this.address, timeoutMs, 'it did not connect here'));
        }, timeoutMs);
        session.onArrival();
        return () => clearTimeout(timer);
      });
    } catch (error) {
      leave();
      options.onFailed?.(missing());
      for (const channel of channels.values()) channel.destroy();
      throw error;
    }
  }

  /** Stops listening and drops unauthenticated peers and sessions that still form. Transports stay connected. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#server?.close();
    this.#door.close();
    for (const session of [...this.#sessions.values()])
      session.fail(new CommClosedError('this hub is closed'));
    await new Promise((resolve) => setImmediate(resolve));
  }

  #count(reason: Rejection): void {
    this.stats.rejected++;
    this.stats.reasons[reason] = (this.stats.reasons[reason] ?? 0) + 1;
  }

  #letIn(visitor: Visitor): void {
    if (this.#door.leave(visitor)) this.stats.accepted++;
  }

  #tooMuch(visitor: Visitor): void {
    if (this.#door.leave(visitor)) this.#count('oversized');
  }

  async #receive(arrival: Arrival, stream?: Socket): Promise<void> {
    let channel: Channel = arrival.channel;
    try {
      if (this.#settings.identity && stream && isTls(stream)) refuseExpired(stream);
      let first = await readMessage(channel);
      if (typeof first !== 'string') {
        channel = await this.#unwrapped(arrival, first);
        first = await readMessage(channel);
      }
      const message = parseJson(first);
      if (message.type === 'control') this.#control(channel, message);
      else if (message.type === 'hello') await this.#hello(channel, openingOf(message), arrival.visitor);
      else refuse('malformed');
    } catch (error) {
      if (error instanceof HandshakeError) this.#refused(channel, arrival.visitor, error.reason as Refusal);
      else this.#door.dropped(arrival.visitor);
    }
  }

  /** Bytes begin TLS: what the peers say is then readable by nobody on the way. Never twice. */
  #unwrapped({ channel, allow }: Arrival, first: ArrayBuffer): Promise<Channel> {
    const { identity } = this.#settings;
    if (identity === undefined || channel.binding !== undefined) return refuse('malformed');
    allow(UNAUTHENTICATED_TLS_BYTES);
    return tlsServer(channel, identity, { ...this.#settings, first });
  }

  #control(channel: Channel, { version }: Record<string, unknown>): void {
    if (channel.binding === undefined) refuse('wrong key');
    if (version !== CONTROL_VERSION) refuse('wrong version');
    if (this.#settings.onControl === undefined) refuse('unknown session');
    this.#settings.onControl(channel);
  }

  async #hello(channel: Channel, opening: Opening, visitor: Visitor): Promise<void> {
    const session = this.#sessions.get(sessionKey(opening.sessionId, opening.to));
    if (!session || !canProve(opening, session.options.layer)) {
      const guest = session ? undefined : this.#settings.onGuest?.(opening);
      if (guest && canProve(opening, guest.layer)) return this.#guest(channel, opening, visitor, guest);
      await decoy(channel, opening);
      return refuse('unknown session');
    }
    const { from } = opening;
    const welcome = isWelcome(opening, session.options);
    const secured = await session.options.layer.respond(channel, opening, () => {
      if (!welcome) return refuse('unknown session');
      // A member that lost its connection while the group formed may come back, in a resumable session always.
      const { formed, onReturn, channels } = session;
      const free = formed ? onReturn !== undefined : !isAlive(channels.get(from));
      // It may have lost its connection and be the only one to know. Who is told `duplicate rank` may try again.
      if (!free) channels.get(from)?.challenge?.(CHALLENGE_MS);
      if (!free || !this.#door.leave(visitor)) return false;
      if (!formed) channels.set(from, channel);
      return true;
    });
    channel.authenticated?.();
    this.stats.accepted++;
    if (session.formed) return session.onReturn?.(from, secured);
    session.channels.set(from, secured);
    session.onArrival();
  }

  async #guest(channel: Channel, opening: Opening, visitor: Visitor, guest: GuestDoor): Promise<void> {
    const secured = await guest.layer.respond(channel, opening, () => this.#door.leave(visitor));
    channel.authenticated?.();
    this.stats.accepted++;
    guest.onChannel(secured);
  }

  #refused(channel: Channel, visitor: Visitor, reason: Refusal): void {
    if (this.#door.leave(visitor)) this.#count(reason);
    channel.close(REFUSALS[reason], reason);
    // The other side need not answer the close.
    setTimeout(() => channel.destroy(), 1000).unref();
  }
}

const isWelcome = (opening: Opening, { size, expect, resumable }: JoinOptions): boolean =>
  opening.size === size && opening.resumable === resumable && expect.includes(opening.from);

/** Whether there is anything that the dialer could prove itself by. */
function canProve({ layer, from }: Opening, known: SecureLayer): boolean {
  try {
    known.check(from);
    return layer === known.name;
  } catch {
    return false;
  }
}

const sessionKey = (sessionId: string, rank: number): string => `${rank}/${sessionId}`;

const isAlive = (channel: Channel | undefined): boolean =>
  channel !== undefined && channel.ended === undefined;

const urlOf = ({ address, port, family }: AddressInfo, protocol: string): string =>
  `${protocol}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
