/**
 * Forms a group: dials some members, awaits others at its own hub, and makes of each connection what the session wants,
 * an authenticated channel or a resumable link. The same for Node.js and for browsers, which differ in how they open a
 * connection, and in that a page has no hub.
 */
import type { Channel } from '../channel/channel.js';
import type { Open } from '../channel/open.js';
import { CommArgumentError, PeerUnreachableError } from '../errors.js';
import type { Connect, LinkLayer } from '../link/link-layer.js';
import { checkSessionId, type DialingLayer, type SecureLayer, type Token } from '../secure/secure-layer.js';
import type { Transport } from '../transport.js';
import { dial } from './dial.js';
import type { Joined, JoinOptions } from './hub.js';
import { LinkTransport } from './link-transport.js';
import { planLinks } from './plan-links.js';

/** What all members of a group over connections have to say. */
export interface GroupOptions {
  readonly rank: number;
  readonly size: number;
  /** `ws:` or `wss:` address by rank; empty for a member that cannot listen, which then dials the others. */
  readonly addresses: readonly (string | undefined)[];
  /**
   * Connects to these ranks only, e.g. because the others are reached another way, at another hub or by another secure
   * layer. Default all. For `connectChannels`: a transport needs all members.
   */
  readonly only?: readonly number[];
  readonly sessionId: string;
  /**
   * Random secret of the session, 32 bytes: one that all members have, or a function that gives the one for a pair. A
   * token lets its holder pose as each member that it belongs to: tokens for pairs protect the dealer's place.
   */
  readonly token?: Token;
  /** In place of a token: how members authenticate each other, e.g. `noise({ keys })` of `@tacit/comm/noise`. */
  readonly secure?: SecureLayer;
  /** Gives up while the group forms; rejects with its reason. */
  readonly signal?: AbortSignal;
  /** How long members may take to appear. Default 30 s. */
  readonly connectTimeoutMs?: number;
  /** How long a member that is dialed may take to prove who it is, before it is dialed again. Default 15 s. */
  readonly handshakeTimeoutMs?: number;
  /**
   * How links outlive broken connections, e.g. `resumable({ graceMs })` of `@tacit/comm/resumable`; the same decision at
   * all members. Default: a break is the end.
   */
  readonly links?: LinkLayer;
}

export interface RendezvousOptions extends GroupOptions {
  readonly layer: DialingLayer;
  readonly open: Open;
  /** Awaits members at this member's hub; a page does not have one. */
  readonly join?: (
    options: Pick<JoinOptions, 'expect' | 'resumable' | 'timeoutMs' | 'signal' | 'onFailed'>,
  ) => Promise<Joined>;
  readonly maxFrameBytes?: number;
  readonly closeTimeoutMs?: number | undefined;
}

/** The links of one member. */
export interface GroupLinks {
  /** By rank, without a listener. */
  readonly channels: ReadonlyMap<number, Channel>;
  /** Forgets the session at the hub: nobody comes back any more. The channels stay. */
  readonly leave: () => void;
}

/**
 * Connects to all other members.
 * @throws PeerUnreachableError (rank and address), HandshakeError, CommArgumentError; nothing stays open then
 */
export async function connectGroup(options: RendezvousOptions): Promise<Transport> {
  const { rank, size, maxFrameBytes, closeTimeoutMs } = options;
  const { channels, leave } = await connectLinks(options);
  return new LinkTransport({ rank, size, channels, maxFrameBytes, closeTimeoutMs, onClosed: leave });
}

/** The same without the transport. */
export async function connectLinks(options: RendezvousOptions): Promise<GroupLinks> {
  const {
    rank,
    size,
    addresses,
    join,
    layer,
    sessionId,
    open,
    links,
    connectTimeoutMs: timeoutMs = 30_000,
  } = options;
  checkSessionId(sessionId);
  const plan = planLinks(rank, size, addresses, options.only);
  if (plan.await.length > 0 && join === undefined)
    throw new CommArgumentError(`rank ${rank} has an address that others dial, but no hub`);
  for (const peer of [...plan.dial, ...plan.await]) layer.check(peer);

  const canceller = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, canceller.signal]) : canceller.signal;
  signal.throwIfAborted();
  const resumable = links !== undefined;
  const channels = new Map<number, Channel>();
  const absent = new Set<number>(plan.dial);
  let joined: Joined | undefined;

  const dialing = plan.dial.map(async (peer) => {
    const hello = { sessionId, from: rank, to: peer, size, resumable };
    const address = addresses[peer] ?? '';
    const connect: Connect = (greet, during, ms, attempts) =>
      dial({
        address,
        hello,
        open,
        timeoutMs: ms,
        signal: during,
        attempts,
        handshakeTimeoutMs: options.handshakeTimeoutMs,
        prove: (raw) => {
          absent.add(peer);
          return layer.initiate(raw, hello);
        },
        greet: (secured) => {
          absent.delete(peer);
          return greet(secured);
        },
      });
    const channel = links
      ? await links.dial(connect, signal, timeoutMs)
      : await connect(async (secured) => secured, signal, timeoutMs);
    channels.set(peer, channel);
  });
  const awaiting = async (): Promise<void> => {
    if (join === undefined || plan.await.length === 0) return;
    const onFailed = (missing: readonly number[]): void => {
      for (const peer of missing) absent.add(peer);
    };
    joined = await join({ expect: plan.await, resumable, timeoutMs, signal, onFailed });
    const accepted = links ? await links.accept(joined, signal, timeoutMs) : joined.channels;
    for (const [peer, channel] of accepted) channels.set(peer, channel);
  };
  const all = [...dialing, awaiting()];
  try {
    await Promise.all(all);
  } catch (error) {
    canceller.abort(error);
    await Promise.allSettled(all);
    joined?.leave();
    for (const channel of [...channels.values(), ...(joined?.channels.values() ?? [])]) channel.destroy();
    throw error instanceof PeerUnreachableError ? withAllAbsent(error, [...absent], addresses) : error;
  }
  return { channels, leave: () => joined?.leave() };
}

/**
 * Who gives up waiting for one member is missed by others then, which blame it in turn: so everybody says who else is not
 * there. A member that has proved who it is, and waits itself, is not to blame.
 */
function withAllAbsent(
  error: PeerUnreachableError,
  absent: readonly number[],
  addresses: GroupOptions['addresses'],
): PeerUnreachableError {
  const first = absent.includes(error.rank) ? error.rank : Math.min(...absent);
  const others = absent.filter((peer) => peer !== first).map((peer) => `rank ${peer}`);
  if (absent.length === 0 || (first === error.rank && others.length === 0)) return error;
  const detail = first === error.rank ? error.detail : 'it did not connect';
  const also = others.length > 0 ? `; not there either: ${others.join(', ')}` : '';
  const address = first === error.rank ? error.address : addresses[first] || 'no address of its own';
  return new PeerUnreachableError(first, address, error.ms, `${detail}${also}`, { cause: error });
}

/** The layer that the options ask for; `ofToken` makes that of a token. Throws CommArgumentError unless it is one. */
export function layerOf<Layer extends DialingLayer>(
  { token, secure }: { token?: Token; secure?: Layer },
  ofToken: (token: Token) => Layer,
): Layer {
  if (secure !== undefined && token === undefined) return secure;
  if (token !== undefined && secure === undefined) return ofToken(token);
  throw new CommArgumentError('a group needs either a token or a secure layer');
}
