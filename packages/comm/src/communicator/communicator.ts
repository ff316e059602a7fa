/**
 * Keyed messages between the members of a group, over any transport.
 *
 * A message goes to (rank, key); a receive names (rank, key); they may come in any order and meet in a mailbox.
 * Several messages under one key are received in the order they were sent. Everything that can go wrong rejects
 * with an error that names the member; a member that breaks off or breaks the protocol ends the session for all,
 * since no computation can go on without it. Nothing ever waits without a deadline.
 * Cost: delivery is synchronous from the transport's event to the promise that waits.
 */

import {
  CommArgumentError,
  CommClosedError,
  type LeaveReason,
  MailboxFullError,
  PeerLeftError,
  PeerTimeoutError,
  ProtocolViolationError,
} from '../errors.js';
import { frameBytes } from '../frame/frame.js';
import { type Entry, type Key, requirePeer, type Transport } from '../transport.js';
import {
  ABORT_KEY,
  decodeAbort,
  encodeAbort,
  encodeFarewell,
  isFarewell,
  RESERVED_PREFIX,
} from './abort-message.js';
import { Mailbox } from './mailbox.js';
import { PendingReceive } from './receive.js';
import { CommStats } from './stats.js';

export interface CommunicatorOptions {
  /** How long a receive waits unless it says otherwise. Default 120,000 ms; Infinity for ever. */
  timeoutMs?: number;
  /** What messages call the members, by rank, e.g. `['party 0', 'party 1', 'dealer']`. */
  names?: readonly string[];
  /** How many entries may wait to be received. Default 1,048,576. */
  maxMailboxEntries?: number;
  /** How many bytes may wait to be received. Default 8 GiB. */
  maxMailboxBytes?: number;
}

export interface ReceiveOptions {
  timeoutMs?: number;
  /** Gives up when it fires; rejects with its reason. A payload that comes later waits in the mailbox. */
  signal?: AbortSignal;
}

/** Gets the entries of a stream in order. An exception from it aborts the communicator. */
export type KeyHandler = (payload: Uint8Array, key: Key, from: number) => void;

/** How long a member that does not answer may hold up the end of a session that has failed. */
const FAILED_CLOSE_MS = 3000;

interface Stream {
  readonly from: number | 'any';
  readonly prefix: string;
  readonly handler: KeyHandler;
}

export class Communicator {
  readonly rank: number;
  readonly size: number;
  readonly stats: CommStats;
  /** Default deadline of a receive in ms. */
  readonly timeoutMs: number;

  readonly #transport: Transport;
  readonly #names: readonly string[];
  readonly #maxEntries: number;
  #maxBytes: number;
  readonly #mailboxes: Mailbox[];
  readonly #left: (Error | undefined)[];
  /** Why members that leave do so, where they have heard of a failure elsewhere. */
  readonly #lastWords: (Error | undefined)[] = [];
  readonly #abortController = new AbortController();
  #streams: Stream[] = [];
  #storedEntries = 0;
  #storedBytes = 0;
  #failure: Error | undefined;
  /** The failure, if another member has told it, and which one. */
  #heard: { readonly error: Error; readonly from: number } | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Takes over a transport and starts it.
   * @param transport this member's, not yet started
   * @param options deadlines, names and limits
   * @throws CommArgumentError on a timeout that is not positive
   */
  constructor(transport: Transport, options: CommunicatorOptions = {}) {
    this.rank = transport.rank;
    this.size = transport.size;
    this.timeoutMs = checkTimeout(options.timeoutMs ?? 120_000);
    this.stats = new CommStats(transport.size);
    this.#transport = transport;
    this.#names = options.names ?? [];
    this.#maxEntries = options.maxMailboxEntries ?? 2 ** 20;
    this.#maxBytes = options.maxMailboxBytes ?? 2 ** 33;
    this.#mailboxes = Array.from({ length: transport.size }, () => new Mailbox());
    this.#left = Array.from({ length: transport.size }, () => undefined);
    transport.start({
      onEntries: (from, entries, wireBytes) => this.#onEntries(from, entries, wireBytes),
      onLeave: (from, reason, detail) => this.#onLeave(from, reason, detail),
    });
  }

  /**
   * Lowers how many bytes may wait to be received, for a member that takes what comes as it comes.
   * @param maxBytes from all members together; above the present limit it changes nothing
   */
  limitMailbox(maxBytes: number): void {
    this.#maxBytes = Math.min(this.#maxBytes, maxBytes);
  }

  /** Whether large payloads change hands without a copy: then it pays to send used buffers back for reuse. */
  get movesBuffers(): boolean {
    return this.#transport.movesBuffers === true;
  }

  /** Fires when the session fails: by `abort` here or elsewhere, a lost member, a violation. Not on `close`. */
  get aborted(): AbortSignal {
    return this.#abortController.signal;
  }

  /** The error of `aborted`, if it has fired. */
  get failure(): Error | undefined {
    return this.aborted.aborted ? this.#failure : undefined;
  }

  /**
   * Calls back once when the session fails, at once if it has failed.
   * @param handler gets the first failure
   * @returns how to take the handler back
   */
  onAbort(handler: (error: Error) => void): () => void {
    const signal = this.aborted;
    const listener = (): void => handler(signal.reason as Error);
    if (signal.aborted) listener();
    else signal.addEventListener('abort', listener, { once: true });
    return () => signal.removeEventListener('abort', listener);
  }

  /**
   * What messages call a member.
   * @param rank of any member
   * @returns its name among the options, or `rank N`
   */
  nameOf(rank: number): string {
    return this.#names[rank] ?? `rank ${rank}`;
  }

  /**
   * Sends one payload in a frame of its own; throws as `sendBatch` does.
   * @param to rank of another member
   * @param key what it is received by
   * @param payload whose buffer must not be used afterwards
   */
  send(to: number, key: Key, payload: Uint8Array): void {
    this.sendBatch(to, [{ key, payload }]);
  }

  /**
   * Sends several entries in one frame; an empty batch sends nothing.
   * @param to rank of another member; what goes to one that has said goodbye is dropped
   * @param entries whose buffers belong to the transport from now on
   * @throws CommArgumentError on a rank or key that cannot be or a payload that was sent before, FrameTooLargeError, the
   *   error that ended the session, or CommClosedError
   */
  sendBatch(to: number, entries: Entry[]): void {
    requirePeer(this, to);
    for (const { key, payload } of entries) checkEntry(key, payload);
    if (this.#failure !== undefined) throw this.#failure;
    if (entries.length > 0) this.#post(to, entries);
  }

  /**
   * Back-pressure: resolves once little is buffered toward a member or it has left; never rejects.
   * @param to its rank
   */
  flushed(to: number): Promise<void> {
    requirePeer(this, to);
    return this.#transport.flushed(to);
  }

  /**
   * The next payload from a member under a key.
   * @param from rank of another member
   * @param key that it was sent under
   * @param options a deadline other than the communicator's, and a signal to give up
   * @returns the payload, at a multiple of 8 in its buffer; it belongs to the caller
   * @throws PeerTimeoutError, PeerLeftError, PeerAbortedError, ProtocolViolationError, MailboxFullError, CommClosedError,
   *   CommArgumentError, the error given to `abort`, or the signal's reason; always as a rejection
   */
  receive(from: number, key: Key, options: ReceiveOptions = {}): Promise<Uint8Array> {
    try {
      requirePeer(this, from);
      const timeoutMs = options.timeoutMs === undefined ? this.timeoutMs : checkTimeout(options.timeoutMs);
      const { signal } = options;
      if (signal?.aborted) throw signal.reason;
      if (this.#failure !== undefined) throw this.#failure;
      const mailbox = this.#mailboxes[from] as Mailbox;
      const payload = mailbox.take(key);
      if (payload !== undefined) {
        this.#release(payload);
        return Promise.resolve(payload);
      }
      const left = this.#left[from];
      if (left !== undefined) throw left;
      this.stats.beginWait(from);
      const pending = new PendingReceive({
        timeoutMs,
        signal,
        timeoutError: () => new PeerTimeoutError(from, key, timeoutMs, this.nameOf(from)),
        onGiveUp: (waiter) => mailbox.cancel(key, waiter),
        onEnd: () => this.stats.endWait(from),
      });
      mailbox.wait(key, pending);
      return pending.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Hands entries over as they come, in the order of the sender, instead of keeping them for `receive`. What has already
   * arrived is handed over before this returns. The first matching registration wins.
   * @param from rank of the sender, or all of them
   * @param prefix of the keys that are meant
   * @param handler gets the payloads, which belong to it
   * @returns how to take the registration back
   */
  onKey(from: number | 'any', prefix: string, handler: KeyHandler): () => void {
    if (from !== 'any') requirePeer(this, from);
    const stream: Stream = { from, prefix, handler };
    this.#streams.push(stream);
    for (let rank = 0; rank < this.size; rank++) {
      if (from !== 'any' && from !== rank) continue;
      for (const { key, payload } of this.#mailbox(rank).takePrefix(prefix)) {
        this.#release(payload);
        this.#push(stream, rank, key, payload);
      }
    }
    return () => {
      this.#streams = this.#streams.filter((other) => other !== stream);
    };
  }

  /**
   * All members get the payload of one of them.
   * @param root rank of the sender
   * @param key the same at all members
   * @param payload at the root, where it stays usable; not looked at elsewhere
   * @returns the payload of the root
   * @throws CommArgumentError at a root without a payload; otherwise as `sendBatch` and `receive`
   */
  async broadcast(root: number, key: Key, payload?: Uint8Array): Promise<Uint8Array> {
    if (root !== this.rank) return this.receive(root, key);
    if (payload === undefined) throw new CommArgumentError('the root of a broadcast must give the payload');
    for (const peer of this.peers()) this.send(peer, key, new Uint8Array(payload));
    return payload;
  }

  /**
   * Exchanges a payload of every member.
   * @param key the same at all members
   * @param payload of this member, which stays usable
   * @returns everybody's payload by rank; that of this member is the array that was given
   */
  async allGather(key: Key, payload: Uint8Array): Promise<Uint8Array[]> {
    for (const peer of this.peers()) this.send(peer, key, new Uint8Array(payload));
    return Promise.all(
      Array.from({ length: this.size }, (_, rank) =>
        rank === this.rank ? payload : this.receive(rank, key),
      ),
    );
  }

  /**
   * Resolves once all members have called it.
   * @param key the same at all members
   */
  async barrier(key: Key): Promise<void> {
    await this.allGather(key, new Uint8Array(0));
  }

  /** The ranks of all other members. */
  peers(): number[] {
    return Array.from({ length: this.size }, (_, rank) => rank).filter((rank) => rank !== this.rank);
  }

  /**
   * Ends the session for everybody: tells all members the error, then rejects everything pending and future
   * here with it. The first failure wins; later ones are ignored.
   * @param error whose message leaves this process, so it must hold no secret
   * @param instead what a member is told in place of `error`, if it must not learn that
   */
  abort(error: Error, instead?: (rank: number) => Error | undefined): void {
    if (this.#failure === undefined) this.#fail(error, this.peers(), instead);
  }

  /**
   * Leaves: peers see a goodbye after all that was sent; what is pending here rejects with CommClosedError. Once the
   * session has failed, a member that does not answer is waited for no longer than three seconds. Idempotent.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      const patience = this.#failure === undefined ? undefined : FAILED_CLOSE_MS;
      this.#failure ??= new CommClosedError();
      this.#failPending(this.#failure);
      const heard = this.#heard;
      if (heard !== undefined)
        for (const rank of this.peers()) this.#post(rank, [encodeFarewell(heard.error, heard.from)]);
      this.#closing = this.#transport.close(patience);
    }
    return this.#closing;
  }

  #onEntries(from: number, entries: Entry[], wireBytes: number): void {
    let payloadBytes = 0;
    for (const { payload } of entries) payloadBytes += payload.byteLength;
    this.stats.countReceived(from, wireBytes, payloadBytes);
    for (const { key, payload } of entries) {
      if (this.#failure !== undefined) return;
      this.#accept(from, key, payload);
    }
  }

  #accept(from: number, key: Key, payload: Uint8Array): void {
    if (key.startsWith(RESERVED_PREFIX)) {
      if (key === ABORT_KEY) this.#onAbort(from, payload);
      else this.#onLeave(from, 'violation', `the reserved key ${JSON.stringify(key)}`);
      return;
    }
    for (const stream of this.#streams) {
      if ((stream.from === 'any' || stream.from === from) && key.startsWith(stream.prefix)) {
        this.#push(stream, from, key, payload);
        return;
      }
    }
    if (this.#mailbox(from).put(key, payload)) return;
    this.#storedEntries++;
    this.#storedBytes += payload.byteLength;
    if (this.#storedEntries > this.#maxEntries || this.#storedBytes > this.#maxBytes)
      this.abort(new MailboxFullError(from, this.#storedEntries, this.#storedBytes, this.nameOf(from)));
  }

  #onAbort(from: number, payload: Uint8Array): void {
    const error = decodeAbort(payload, from, this.rank, (rank) => this.nameOf(rank));
    if (isFarewell(payload)) this.#lastWords[from] = error;
    else {
      this.#heard = { error, from };
      this.#fail(error, []);
    }
  }

  #push({ handler }: Stream, from: number, key: Key, payload: Uint8Array): void {
    try {
      handler(payload, key, from);
    } catch (error) {
      this.abort(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #onLeave(from: number, reason: LeaveReason, detail?: string): void {
    if (this.#left[from] !== undefined) return;
    const name = this.nameOf(from);
    const left = new PeerLeftError(from, reason, name, detail);
    this.#left[from] = left;
    if (this.#failure !== undefined) return;
    if (reason === 'goodbye') {
      const why = this.#lastWords[from] ?? left;
      this.#left[from] = why;
      this.#mailbox(from).failWaiters(why);
      return;
    }
    const others = this.peers().filter((rank) => rank !== from);
    const error = reason === 'violation' ? new ProtocolViolationError(detail ?? 'garbage', from, name) : left;
    this.#fail(error, others);
  }

  #fail(error: Error, tell: readonly number[], instead?: (rank: number) => Error | undefined): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const rank of tell) this.#post(rank, [encodeAbort(instead?.(rank) ?? error)]);
    this.#failPending(error);
    this.#abortController.abort(error);
  }

  #failPending(error: Error): void {
    for (const mailbox of this.#mailboxes) {
      mailbox.failWaiters(error);
      mailbox.clear();
    }
    this.#storedEntries = 0;
    this.#storedBytes = 0;
  }

  #post(to: number, entries: Entry[]): void {
    if (this.#left[to] !== undefined) {
      this.stats.countDropped(to);
      return;
    }
    let payloadBytes = 0;
    for (const { payload } of entries) payloadBytes += payload.byteLength;
    const wireBytes = frameBytes(entries);
    this.#transport.send(to, entries);
    this.stats.countSent(to, wireBytes, payloadBytes);
  }

  #release(payload: Uint8Array): void {
    this.#storedEntries--;
    this.#storedBytes -= payload.byteLength;
  }

  #mailbox(rank: number): Mailbox {
    return this.#mailboxes[rank] as Mailbox;
  }
}

function checkTimeout(ms: number): number {
  if (!(ms > 0))
    throw new CommArgumentError(`a timeout must be a positive number of milliseconds, not ${ms}`);
  return ms;
}

function checkEntry(key: Key, payload: Uint8Array): void {
  if (key.startsWith(RESERVED_PREFIX))
    throw new CommArgumentError('a key must not start with a zero character');
  if (payload.byteLength > 0 || payload.buffer.byteLength > 0) return;
  // An empty payload is fine; one whose buffer is gone is a payload that was sent before.
  try {
    new Uint8Array(payload.buffer);
  } catch {
    throw new CommArgumentError(`the payload for key ${JSON.stringify(key)} was already sent; send a copy`);
  }
}
