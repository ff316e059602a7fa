/**
 * A channel that outlives its connections. Both ends count the messages of either direction; a sender keeps what the
 * receiver has not acknowledged, and after a break sends again, in order and as it was, what the other end says it has
 * not got. So nothing is lost and nothing comes twice. A link that is not resumed within the grace time ends as the
 * connection did.
 *
 * Modelled on the resumption of RSocket: positions are implied by order, so a message carries no header. What is sent in
 * addition: an acknowledgement, a text of a few bytes, for every MiB or 256 messages, and two messages a connection.
 * A retransmission is the same bytes: nothing is computed again. A secure layer lies below, so that each connection has
 * keys of its own.
 */
import { Arrivals } from '../channel/arrivals.js';
import {
  type Channel,
  type ChannelEnd,
  type ChannelListener,
  type ChannelMessage,
  endOf,
  VIOLATION_CODE,
} from '../channel/channel.js';
import type { LeaveReason } from '../errors.js';

export interface ResumeSettings {
  /** How long a connection may be broken before the member counts as gone. */
  readonly graceMs: number;
  /** How much may be sent while the connection is broken. Default 64 MiB. */
  readonly maxReplayBytes?: number;
}

export interface ResumableLinkOptions extends ResumeSettings {
  readonly id: string;
  /**
   * At the end that dials: makes a new connection and calls `attach`. Rejects if the other end refuses for good; the
   * signal fires when the grace time is over, or the link ends otherwise.
   */
  readonly redial?: (link: ResumableLink, signal: AbortSignal) => Promise<void>;
}

const ACK_BYTES = 2 ** 20;
const ACK_MESSAGES = 256;
/** How long a member that leaves tries to say so over broken connections. */
const CLOSING_MS = 5000;
/** Close codes of a connection that broke, or that a proxy or a machine on the way ended. */
const BROKEN: readonly number[] = [1001, 1006, 1011, 1012, 1013, 1014];

type Sent = string | Uint8Array<ArrayBuffer>;

export class ResumableLink implements Channel {
  readonly id: string;
  readonly #arrivals = new Arrivals();
  readonly #options: ResumableLinkOptions;
  #channel: Channel | undefined;
  /** Whether a message is coming in that the listener has a place for. */
  #placing = false;
  #received = 0;
  #acknowledged = 0;
  #unacknowledgedBytes = 0;
  /** Sent and not yet acknowledged by the other end, from message number `#base` on. */
  #replay: Sent[] = [];
  #base = 0;
  #replayBytes = 0;
  #closing: { readonly code: number; readonly reason: string } | undefined;
  #outage:
    | { readonly controller: AbortController; readonly timer: ReturnType<typeof setTimeout> }
    | undefined;

  constructor(options: ResumableLinkOptions) {
    this.id = options.id;
    this.#options = options;
  }

  get ended(): ChannelEnd | undefined {
    return this.#arrivals.ended;
  }

  /** How many messages have come in: what a greeting tells the other end. */
  get received(): number {
    return this.#received;
  }

  /** Whether there is a connection at present, as far as this end knows. */
  get connected(): boolean {
    return this.#channel !== undefined;
  }

  /** Forgets the connection so far: from here on nothing more comes in by it. */
  detach(): void {
    const old = this.#channel;
    this.#channel = undefined;
    old?.listen(undefined);
    old?.destroy();
  }

  /** Goes on over a new connection whose other end has received `peerReceived` messages. */
  attach(channel: Channel, peerReceived: number): void {
    this.detach();
    if (this.ended !== undefined) {
      channel.destroy();
      return;
    }
    this.#channel = channel;
    if (!this.#prune(peerReceived)) return;
    this.#endOutage();
    this.#acknowledged = this.#received;
    this.#unacknowledgedBytes = 0;
    for (const message of this.#replay) channel.send(message);
    if (this.#closing) channel.close(this.#closing.code, this.#closing.reason);
    this.#listenTo(channel);
  }

  #listenTo(channel: Channel): void {
    this.#placing = false;
    channel.listen({
      onMessage: (message) => this.#onMessage(channel, message),
      onEnd: (end) => this.#onEnd(channel, end),
      place: (bytes) => {
        const place = channel === this.#channel ? this.#arrivals.place(bytes) : undefined;
        if (place === undefined) return undefined;
        this.#placing = true;
        const done = (): void => {
          this.#placing = false;
          this.#count(channel, bytes);
          place.done();
        };
        return { target: place.target, done };
      },
    });
  }

  send(message: Sent): void {
    if (this.ended !== undefined || this.#closing !== undefined) return;
    // Text of this layer begins with an `a`, that of layers above with a `t`.
    const own = typeof message === 'string' ? `t${message}` : message;
    this.#replay.push(own);
    this.#replayBytes += sizeOf(own);
    const { maxReplayBytes = 64 * 2 ** 20 } = this.#options;
    if (this.#channel) this.#channel.send(own);
    else if (this.#replayBytes > maxReplayBytes)
      this.fail(
        'disconnected',
        `more than ${maxReplayBytes} bytes were sent while the connection was broken`,
      );
  }

  listen(listener: ChannelListener | undefined): void {
    // A message that is coming in has no place at the next listener.
    if (this.#channel && this.#placing) this.#listenTo(this.#channel);
    this.#arrivals.listen(listener);
  }

  /** What is kept counts: the other end does not have it yet, as far as this one knows. */
  bufferedBytes(): number {
    return Math.max(this.#channel?.bufferedBytes() ?? 0, this.#replayBytes - ACK_BYTES);
  }

  close(code: number, reason: string): void {
    if (this.#closing !== undefined || this.ended !== undefined) return;
    this.#closing = { code, reason };
    this.#channel?.close(code, reason);
  }

  destroy(): void {
    const channel = this.#channel;
    this.#finish(endOf(1006, ''));
    channel?.destroy();
  }

  /** Ends the link for a reason of its own. */
  fail(reason: LeaveReason, detail: string): void {
    const channel = this.#channel;
    this.#finish({ reason, code: 1006, detail });
    if (reason === 'violation') channel?.close(VIOLATION_CODE, 'violation');
    else channel?.destroy();
  }

  #onMessage(channel: Channel, message: ChannelMessage): void {
    if (channel !== this.#channel) return;
    if (typeof message === 'string' && message.startsWith('a')) {
      this.#prune(/^a\d+$/.test(message) ? Number(message.slice(1)) : Number.NaN);
      return;
    }
    this.#count(channel, typeof message === 'string' ? message.length : message.byteLength);
    if (typeof message !== 'string') this.#arrivals.push(message);
    else if (message.startsWith('t')) this.#arrivals.push(message.slice(1));
    else this.fail('violation', 'a text message that no link sends');
  }

  /** One more has come in. */
  #count(channel: Channel, bytes: number): void {
    this.#received++;
    this.#unacknowledgedBytes += bytes;
    if (this.#unacknowledgedBytes >= ACK_BYTES || this.#received - this.#acknowledged >= ACK_MESSAGES) {
      this.#acknowledged = this.#received;
      this.#unacknowledgedBytes = 0;
      channel.send(`a${this.#received}`);
    }
  }

  /** Forgets what the other end has. */
  #prune(peerReceived: number): boolean {
    const count = peerReceived - this.#base;
    if (!Number.isSafeInteger(count) || count < 0 || count > this.#replay.length) {
      this.fail(
        'violation',
        `it acknowledges message ${peerReceived} of ${this.#base + this.#replay.length}`,
      );
      return false;
    }
    for (const message of this.#replay.splice(0, count)) this.#replayBytes -= sizeOf(message);
    this.#base = peerReceived;
    return true;
  }

  #onEnd(channel: Channel, end: ChannelEnd): void {
    if (channel !== this.#channel) return;
    this.#channel = undefined;
    if (end.reason === 'unresponsive' || (end.reason === 'disconnected' && BROKEN.includes(end.code)))
      this.#beginOutage(end);
    else this.#finish(end);
  }

  #beginOutage(end: ChannelEnd): void {
    const { redial } = this.#options;
    // After a goodbye the answer may be lost, since the other end has left.
    const graceMs = this.#closing ? Math.min(this.#options.graceMs, CLOSING_MS) : this.#options.graceMs;
    const controller = new AbortController();
    const detail = `${end.detail}; not resumed within ${graceMs} ms`;
    const timer = setTimeout(() => this.#finish({ ...end, detail }), graceMs);
    this.#outage = { controller, timer };
    redial?.(this, controller.signal).catch((error: Error) => {
      // What the signal ended has been told already.
      if (!controller.signal.aborted) this.#finish({ ...end, detail: `${end.detail}; ${error.message}` });
    });
  }

  #endOutage(): void {
    clearTimeout(this.#outage?.timer);
    this.#outage?.controller.abort();
    this.#outage = undefined;
  }

  #finish(end: ChannelEnd): void {
    this.#channel?.listen(undefined);
    this.#channel = undefined;
    this.#endOutage();
    this.#replay = [];
    this.#replayBytes = 0;
    this.#arrivals.finish(end);
  }
}

const sizeOf = (message: Sent): number => (typeof message === 'string' ? message.length : message.byteLength);
