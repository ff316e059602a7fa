/**
 * One end of a control channel: checked messages, one at a time, in the order that the protocol wants them. What is not
 * expected, comes too often or too much ends the connection: an honest end does not send it.
 */
import type { Channel, ChannelEnd } from '@tacit/comm/layers';
import { ControlLostError, ControlTimeoutError, ControlViolationError } from '../session-errors.js';
import { type ControlMessage, type MessageType, parseMessage } from './messages.js';

/** The close code for an end that broke the protocol. */
const VIOLATION = { code: 4002, reason: 'violation' };
const DONE = { code: 1000, reason: 'goodbye' };
/** How many messages may wait; a leader sends two at most before it has heard an answer. */
const MAX_WAITING = 4;
/** How many messages may come in a connection's first moments, and how many a second then. */
const BURST = 32;
const PER_SECOND = 4;
/** How long a close waits for the other end. */
const CLOSE_MS = 2000;

interface Waiter {
  readonly expected: readonly MessageType[];
  resolve(message: ControlMessage): void;
  reject(error: Error): void;
}

export interface NextOptions {
  /** How long to wait; default for ever, or until the connection ends. */
  readonly timeoutMs?: number;
  /** Gives up with its reason; the connection stays. */
  readonly signal?: AbortSignal;
}

export class ControlConnection {
  /** Settles when the connection is over, with why. */
  readonly ended: Promise<Error>;
  readonly #channel: Channel;
  readonly #peer: string;
  readonly #now: () => number;
  readonly #waiting: ControlMessage[] = [];
  #waiter: Waiter | undefined;
  #failure: Error | undefined;
  #finish: (error: Error) => void = () => {};
  #budget = BURST;
  #budgetAt: number;
  #onPong: ((id: number) => void) | undefined;

  /**
   * Takes over a channel without a listener.
   * @param channel after its handshake
   * @param peer what the other end is called in messages
   * @param now a clock in ms; for tests
   */
  constructor(channel: Channel, peer: string, now: () => number = () => performance.now()) {
    this.#channel = channel;
    this.#peer = peer;
    this.#now = now;
    this.#budgetAt = now();
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
    channel.listen({
      onMessage: (data) => this.#onMessage(data),
      onEnd: (end) => this.#onEnd(end),
    });
  }

  /** Why it is over, if it is. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Nothing happens after the end. */
  send(message: ControlMessage): void {
    if (this.#failure === undefined) this.#channel.send(JSON.stringify(message));
  }

  /**
   * The next message. Another call must not be waiting.
   * @param expected which types may come now; any other is a violation
   * @param options how long to wait
   * @throws ControlViolationError, ControlLostError, ControlTimeoutError (after which the connection is closed), or the
   *   reason of the signal
   */
  next<T extends MessageType>(
    expected: readonly T[],
    { timeoutMs, signal }: NextOptions = {},
  ): Promise<ControlMessage<T>> {
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        this.#waiter = undefined;
      };
      const waiter: Waiter = {
        expected,
        resolve: (message) => {
          settle();
          resolve(message as ControlMessage<T>);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const giveUp = (): void => waiter.reject(signal?.reason as Error);
      if (signal?.aborted) return giveUp();
      signal?.addEventListener('abort', giveUp);
      if (timeoutMs !== undefined)
        timer = setTimeout(() => this.#fail(new ControlTimeoutError(this.#peer, timeoutMs), DONE), timeoutMs);
      this.#waiter = waiter;
      this.#deliver();
    });
  }

  /**
   * Asks the other end for a sign of life.
   * @param timeoutMs how long it may take
   * @returns how long it took, in ms
   */
  async ping(timeoutMs: number): Promise<number> {
    const began = this.#now();
    const id = crypto.getRandomValues(new Uint32Array(1))[0] as number;
    this.send({ type: 'ping', id });
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([
      new Promise<void>((resolve) => {
        this.#onPong = (answered) => answered === id && resolve();
      }),
      this.ended.then((error) => Promise.reject(error)),
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new ControlTimeoutError(this.#peer, timeoutMs)), timeoutMs);
      }),
    ]).finally(() => clearTimeout(timer));
    return this.#now() - began;
  }

  /**
   * Gives the channel away, to another protocol; nothing happens here any more, and `close` leaves it open.
   * @returns the channel, without a listener
   */
  handOver(): Channel {
    if (this.#failure === undefined) {
      this.#failure = new ControlLostError(this.#peer, 'it was handed over');
      this.#channel.listen(undefined);
      this.#finish(this.#failure);
    }
    return this.#channel;
  }

  /** Ends in order: what was sent arrives. */
  close(): void {
    this.#fail(new ControlLostError(this.#peer, 'it was closed here'), DONE);
  }

  #onMessage(data: string | ArrayBuffer): void {
    if (this.#failure !== undefined) return;
    const message = this.#afford() ? parseMessage(data) : { wrong: 'too many messages' };
    if ('wrong' in message) this.#violation(message.wrong);
    else if (message.type === 'ping') this.send({ type: 'pong', id: message.id });
    else if (message.type === 'pong') this.#onPong?.(message.id);
    else if (this.#waiting.length >= MAX_WAITING) this.#violation('messages that nobody asked for');
    else {
      this.#waiting.push(message);
      this.#deliver();
    }
  }

  #deliver(): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    const message = this.#waiting.shift();
    if (message === undefined) {
      if (this.#failure) waiter.reject(this.#failure);
    } else if (waiter.expected.includes(message.type)) waiter.resolve(message);
    else this.#violation(`a '${message.type}' where it makes no sense`);
  }

  /** A bucket of messages that fills up with time. */
  #afford(): boolean {
    const now = this.#now();
    this.#budget = Math.min(BURST, this.#budget + ((now - this.#budgetAt) / 1000) * PER_SECOND);
    this.#budgetAt = now;
    if (this.#budget < 1) return false;
    this.#budget--;
    return true;
  }

  #onEnd({ detail, code, reason }: ChannelEnd): void {
    const why = detail || (reason === 'goodbye' ? 'it hung up' : `it ended with code ${code}`);
    this.#fail(new ControlLostError(this.#peer, why), undefined);
  }

  #violation(detail: string): void {
    this.#fail(new ControlViolationError(this.#peer, detail), VIOLATION);
  }

  #fail(error: Error, close: { readonly code: number; readonly reason: string } | undefined): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    if (error instanceof ControlViolationError) this.#waiting.length = 0;
    if (close !== undefined) {
      this.#channel.listen({ onMessage: () => {}, onEnd: () => {} });
      this.#channel.close(close.code, close.reason);
      // The other end need not answer the close.
      setTimeout(() => this.#channel.destroy(), CLOSE_MS).unref?.();
    }
    // What has come before the end is still taken.
    if (this.#waiting.length === 0) this.#waiter?.reject(error);
    this.#finish(error);
  }
}
