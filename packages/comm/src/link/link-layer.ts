/**
 * The layer that makes links of authenticated channels. Without one a channel is a link, and its end the end of it. Apart
 * from the group, so that only programs that want more load more.
 */
import type { Channel } from '../channel/channel.js';

/** What each attempt to connect is given. */
export interface Attempts {
  /** How long one may take, greeting included. Default: all the time that is left. */
  readonly limitMs?: number;
  /** There was a connection before: who does not know the session any more has lost it for good. */
  readonly resuming?: boolean;
  /** Called when one has failed, unless nobody answered in its time, with what failed. */
  readonly onFailed?: (detail: string) => void;
}

/** Makes an authenticated connection, within a time, and greets over it; what it resolves with is what `greet` gave. */
export type Connect = <T>(
  greet: (channel: Channel) => Promise<T>,
  signal: AbortSignal,
  timeoutMs: number,
  attempts?: Attempts,
) => Promise<T>;

/** The members that have connected, and those that connect again. */
export interface Arriving {
  readonly channels: ReadonlyMap<number, Channel>;
  onReturn(handler: (from: number, channel: Channel) => void): void;
}

export interface LinkLayer {
  /** A link to a member that is dialed. Rejects as `connect` does. */
  dial(connect: Connect, signal: AbortSignal, timeoutMs: number): Promise<Channel>;
  /** Links to all members that have connected, by rank. Rejects with PeerUnreachableError or the signal's reason. */
  accept(joined: Arriving, signal: AbortSignal, timeoutMs: number): Promise<ReadonlyMap<number, Channel>>;
}
