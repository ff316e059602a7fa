/**
 * What every transport offers: one member's endpoint in a fully connected group of ranks 0 .. size-1.
 *
 * A transport delivers every frame once and in order per peer, or reports that the peer left. It knows nothing
 * of keys beyond carrying them. The suite in `@tacit/compliance` says what is expected in detail.
 */
import { CommArgumentError, type LeaveReason } from './errors.js';

/** Identifies what a payload is for, e.g. `12/open`. Well-formed text of fewer than 65,536 UTF-8 bytes. */
export type Key = string;

/** One keyed payload. */
export interface Entry {
  key: Key;
  payload: Uint8Array;
}

/** Receives what a transport delivers. Handlers must not throw. */
export interface TransportHandlers {
  /**
   * One frame has come in.
   * @param from rank of the sender
   * @param entries whose payloads start at a multiple of 8 in their buffers and belong to the receiver
   * @param wireBytes size of the frame in the binary encoding
   */
  onEntries(from: number, entries: Entry[], wireBytes: number): void;
  /**
   * Called once per peer, after the last `onEntries` from it.
   * @param from its rank
   * @param reason why it is gone
   * @param detail for the message of the error
   */
  onLeave(from: number, reason: LeaveReason, detail?: string): void;
}

/** One member's endpoint. */
export interface Transport {
  readonly rank: number;
  readonly size: number;
  /** Whether large payloads change hands without a copy: then it pays to send used buffers back for reuse. */
  readonly movesBuffers?: boolean;
  /**
   * Queues one frame; never blocks. A frame to a member that has left is dropped.
   * @param to rank of another member; throws CommArgumentError on any other number
   * @param entries whose buffers belong to the transport from now on and may be detached
   */
  send(to: number, entries: Entry[]): void;
  /**
   * Back-pressure: resolves once little is buffered toward a member, or it has left. Never rejects.
   * @param to its rank
   */
  flushed(to: number): Promise<void>;
  /**
   * Begins delivery; what arrived before is delivered first. Called once.
   * @param handlers get all that comes from now on
   */
  start(handlers: TransportHandlers): void;
  /**
   * Says goodbye to all, delivers what is queued, releases everything. Idempotent.
   * @param patienceMs how long to wait for a member that neither answers nor takes anything, where that is not up to the
   *   transport; links over which nothing comes any more would hold up the end
   */
  close(patienceMs?: number): Promise<void>;
  /** Drops all links at once without a goodbye, as a crash would: peers see `disconnected`. Idempotent. */
  destroy(): void;
}

/** Throws CommArgumentError unless `to` is the rank of another member. */
export function requirePeer(
  { rank, size }: { readonly rank: number; readonly size: number },
  to: number,
): void {
  if (!Number.isInteger(to) || to < 0 || to >= size || to === rank)
    throw new CommArgumentError(`${to} is not another member; this is rank ${rank} of ${size}`);
}
