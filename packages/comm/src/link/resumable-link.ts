/**
 * A channel that outlives its connections. Both ends count the messages of either direction; a sender keeps what the
 * receiver has not acknowledged, and after a break sends again, in order and as it was, what the other end says it has
 * not got. So nothing is lost and nothing comes twice. A link that is not resumed in time ends as the connection did.
 *
 * Modelled on the resumption of RSocket: positions are implied by order, so a message carries no header. What is sent in
 * addition: an acknowledgement, a text of a few bytes, for every MiB, 256 messages or 100 ms; a sign of life where
 * nothing else is sent; and two messages a connection. A retransmission is the same bytes: nothing is computed again. A
 * secure layer lies below, so that each connection has keys of its own.
 *
 * Both ends notice a connection that is silently dead, and hang up; the one that dials makes a new one, and the other one
 * gives up the old one when that arrives. Where a large message is longer on its way than a connection may be silent, as
 * behind a relay or proxy that holds it until it is complete, each new connection in vain may be silent twice as long as
 * the one before.
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
import { isBreak } from './link-failure.js';
import { type Patience, patienceOf, type ResumeSettings } from './link-settings.js';
import { Outage } from './outage.js';
import { PING, Pulse } from './pulse.js';
import { ReplayBuffer, type Sent } from './replay-buffer.js';

export interface ResumableLinkOptions extends ResumeSettings {
  readonly id: string;
  /**
   * At the end that dials: makes a new connection and calls `attach`. Rejects if the other end refuses for good; the
   * signal fires when the time is over, or the link ends otherwise.
   */
  readonly redial?: (link: ResumableLink, signal: AbortSignal, onFailed: Failed) => Promise<void>;
}

/** Tells that a new connection failed, not by silence alone. */
export type Failed = (detail: string) => void;

const ACK_BYTES = 2 ** 20;
const ACK_MESSAGES = 256;
const ACK_MS = 100;
/** RFC 6455, section 7.4.1: a server goes down, or a browser leaves the page. */
const GOING_AWAY = 1001;
/** How long a member that leaves tries to say so over broken connections. */
const CLOSING_MS = 5000;
/** So many connections in a row over which no message gets: the next one would be no better. */
const FUTILE_CONNECTIONS = 50;
/** The same for a goodbye, after which nobody waits for anything. */
const FUTILE_GOODBYES = 10;
const FIRST_PAUSE_MS = 15;
const LONGEST_PAUSE_MS = 1000;

export class ResumableLink implements Channel {
  readonly id: string;
  readonly #arrivals = new Arrivals();
  readonly #options: ResumableLinkOptions;
  readonly #patience: Patience;
  readonly #replay = new ReplayBuffer();
  #channel: Channel | undefined;
  #pulse: Pulse | undefined;
  /** Whether a message is coming in that the listener has a place for. */
  #placing = false;
  /** Whether nothing is to be read, over this connection and the next ones. */
  #paused = false;
  #received = 0;
  #acknowledged = 0;
  #unacknowledgedBytes = 0;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;
  #closing: { readonly code: number; readonly reason: string } | undefined;
  #outage: Outage | undefined;
  /** Sent since the connection broke. */
  #outageBytes = 0;
  /** Messages that had got through, either way, when the last connection began; and how many added none. */
  #through = 0;
  #futile = 0;
  /** How often the patience with silence has been doubled, since connections were silent that brought no message. */
  #silences = 0;
  /** Messages that had come in when the present connection began. */
  #receivedBefore = 0;

  /** @param options its id, its patience, and at the dialing end how to connect again */
  constructor(options: ResumableLinkOptions) {
    this.id = options.id;
    this.#options = options;
    this.#patience = patienceOf(options);
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

  get interrupted(): boolean {
    return this.#outage !== undefined;
  }

  /** Forgets the connection so far: from here on nothing more comes in by it. */
  detach(): void {
    this.#release()?.destroy();
  }

  /**
   * Goes on over a new connection.
   * @param channel after the greetings
   * @param peerReceived how many messages its other end has received on this link
   */
  attach(channel: Channel, peerReceived: number): void {
    this.#release()?.destroy();
    if (this.ended !== undefined) {
      channel.destroy();
      return;
    }
    this.#channel = channel;
    if (!this.#prune(peerReceived)) return;
    this.#outage?.stop();
    this.#outage = undefined;
    this.#acknowledged = this.#received;
    this.#unacknowledgedBytes = 0;
    if (this.#received > this.#receivedBefore && this.#silences > 0) this.#silences--;
    this.#receivedBefore = this.#received;
    const { heartbeatMs } = this.#patience;
    this.#pulse = new Pulse(
      channel,
      { heartbeatMs, silentMs: this.#silentMs },
      () => this.#onSilence(channel),
      () => this.#acknowledge(),
    );
    for (const message of this.#replay) channel.send(message);
    if (this.#closing) channel.close(this.#closing.code, this.#closing.reason);
    this.#listenTo(channel);
    if (this.#paused) this.pause();
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
          this.#count(bytes);
          place.done();
        };
        return { target: place.target, done };
      },
    });
  }

  send(message: Sent): void {
    if (this.ended !== undefined || this.#closing !== undefined) return;
    // Text of this layer begins with an `a` or a `p`, that of layers above with a `t`.
    const own = typeof message === 'string' ? `t${message}` : message;
    const { maxReplayBytes } = this.#patience;
    if (this.#channel) this.#channel.send(own);
    // One message of any size may be on its way when the network breaks.
    else if (this.#outageBytes > maxReplayBytes) {
      this.fail(
        'disconnected',
        `more than ${maxReplayBytes} bytes were sent while the connection was broken`,
      );
      return;
    } else this.#outageBytes += typeof own === 'string' ? own.length : own.byteLength;
    this.#replay.push(own);
  }

  listen(listener: ChannelListener | undefined): void {
    // A message that is coming in has no place at the next listener.
    if (this.#channel && this.#placing) this.#listenTo(this.#channel);
    this.#arrivals.listen(listener);
  }

  /** What is kept counts: the other end does not have it yet, as far as this one knows. */
  bufferedBytes(): number {
    return Math.max(this.#channel?.bufferedBytes() ?? 0, this.#replay.bytes - ACK_BYTES);
  }

  pause(): void {
    if (this.#closing !== undefined || this.ended !== undefined) return;
    this.#paused = true;
    this.#pulse?.pause(true);
    this.#channel?.pause?.();
  }

  resume(): void {
    this.#paused = false;
    this.#pulse?.pause(false);
    this.#channel?.resume?.();
  }

  close(code: number, reason: string): void {
    if (this.#closing === undefined) this.resume();
    if (this.#closing !== undefined || this.ended !== undefined) return;
    this.#closing = { code, reason };
    // What is left to say is a goodbye, for which nobody is waited for as long as for work.
    this.#outage?.hurry(this.#patience.graceMs);
    this.#channel?.close(code, reason);
  }

  destroy(): void {
    const channel = this.#channel;
    this.#finish(endOf(1006, ''));
    channel?.destroy();
  }

  /**
   * Ends the link for a reason of its own.
   * @param reason of the end, as `onEnd` tells it
   * @param detail for the message of the error
   */
  fail(reason: LeaveReason, detail: string): void {
    const channel = this.#channel;
    this.#finish({ reason, code: 1006, detail });
    if (reason === 'violation') channel?.close(VIOLATION_CODE, 'violation');
    else channel?.destroy();
  }

  #onMessage(channel: Channel, message: ChannelMessage): void {
    if (channel !== this.#channel) return;
    this.#pulse?.heard();
    if (message === PING) {
      this.#acknowledge();
      return;
    }
    if (typeof message === 'string' && message.startsWith('a')) {
      this.#prune(/^a\d+$/.test(message) ? Number(message.slice(1)) : Number.NaN);
      return;
    }
    this.#count(typeof message === 'string' ? message.length : message.byteLength);
    if (typeof message !== 'string') this.#arrivals.push(message);
    else if (message.startsWith('t')) this.#arrivals.push(message.slice(1));
    else this.fail('violation', 'a text message that no link sends');
  }

  /** One more has come in. */
  #count(bytes: number): void {
    this.#pulse?.heard();
    this.#received++;
    this.#unacknowledgedBytes += bytes;
    if (this.#unacknowledgedBytes >= ACK_BYTES || this.#received - this.#acknowledged >= ACK_MESSAGES)
      this.#acknowledge();
    else if (this.#ackTimer === undefined) {
      this.#ackTimer = setTimeout(() => this.#acknowledge(), ACK_MS);
      if (typeof this.#ackTimer === 'object') this.#ackTimer.unref();
    }
  }

  #acknowledge(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    this.#acknowledged = this.#received;
    this.#unacknowledgedBytes = 0;
    this.#channel?.send(`a${this.#received}`);
  }

  /** Forgets what the other end has. */
  #prune(peerReceived: number): boolean {
    if (this.#replay.prune(peerReceived)) return true;
    this.fail('violation', `it acknowledges message ${peerReceived} of ${this.#replay.sent}`);
    return false;
  }

  /** How long the present connection may be silent. */
  get #silentMs(): number {
    const { silentMs, deadAfterMs } = this.#patience;
    return Math.min(silentMs * 2 ** this.#silences, Math.max(silentMs, deadAfterMs));
  }

  #onSilence(channel: Channel): void {
    if (channel !== this.#channel) return;
    this.#release();
    channel.destroy();
    const detail = `no sign of life for ${this.#silentMs} ms`;
    if (this.#received === this.#receivedBefore) this.#silences++;
    this.#interrupt({ reason: 'unresponsive', code: 1006, detail }, true);
  }

  #onEnd(channel: Channel, end: ChannelEnd): void {
    if (channel !== this.#channel) return;
    this.#release();
    if (isBreak(end, this.#closing?.code)) this.#interrupt(asBroken(end), false);
    else this.#finish(end);
  }

  /** The connection is gone, and another one may come. */
  #interrupt(end: ChannelEnd, silent: boolean): void {
    const through = this.#received + this.#replay.acknowledged;
    this.#futile = through === this.#through ? this.#futile + 1 : 0;
    this.#through = through;
    if (this.#futile >= (this.#closing ? FUTILE_GOODBYES : FUTILE_CONNECTIONS) && this.#hasWords()) {
      const detail = `${end.detail}; no message got through over ${this.#futile} connections in a row`;
      this.#finish({ ...end, detail });
      return;
    }
    const { graceMs: usual, leavingMs, deadAfterMs } = this.#patience;
    const graceMs = end.code === GOING_AWAY ? Math.min(usual, leavingMs) : usual;
    // After a goodbye the answer may be lost, since the other end has left.
    const grace = this.#closing ? Math.min(graceMs, CLOSING_MS) : graceMs;
    const limit = silent && !this.#closing ? Math.max(graceMs, deadAfterMs) : grace;
    const outage = new Outage(end, silent, limit, (last) => this.#finish(last));
    this.#outage = outage;
    this.#outageBytes = 0;
    void this.#redial(outage, (detail) => outage.failed(detail, grace));
  }

  async #redial(outage: Outage, onFailed: Failed): Promise<void> {
    const { redial } = this.#options;
    if (redial === undefined) return;
    // A network that breaks every connection is not helped by many of them.
    if (this.#futile > 1) await new Promise((resolve) => setTimeout(resolve, pauseAfter(this.#futile)));
    try {
      if (!outage.signal.aborted) await redial(this, outage.signal, onFailed);
    } catch (error) {
      // What the signal ended has been told already.
      if (!outage.signal.aborted) this.#finish(outage.end((error as Error).message));
    }
  }

  /** Whether there is anything that the other end has not got: a link that has nothing to say is never in vain. */
  #hasWords(): boolean {
    return this.#closing !== undefined || this.#replay.sent > this.#replay.acknowledged;
  }

  /** Lets go of the connection, which is left to the caller. */
  #release(): Channel | undefined {
    const channel = this.#channel;
    this.#channel = undefined;
    channel?.listen(undefined);
    this.#pulse?.stop();
    this.#pulse = undefined;
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    return channel;
  }

  #finish(end: ChannelEnd): void {
    this.#release();
    this.#outage?.stop();
    this.#outage = undefined;
    this.#replay.clear();
    this.#arrivals.finish(end);
  }
}

const pauseAfter = (futile: number): number => Math.min(FIRST_PAUSE_MS * 1.5 ** futile, LONGEST_PAUSE_MS);

/** A message that was changed on the way is not the other member's doing. */
const asBroken = (end: ChannelEnd): ChannelEnd =>
  end.reason === 'violation' ? { ...end, reason: 'disconnected' } : end;
