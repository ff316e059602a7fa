/** The asking half of `tacit doctor` on one control channel: pings and echoes, each answered or rejected. */
import { randomFillSync } from 'node:crypto';
import type { Channel, ChannelEnd, ChannelMessage } from '@tacit/comm/layers';
import * as v from 'valibot';
import { Echo, objectIn, Pong, Refuse } from './protocol.js';

/** The peer said no: it does not know us, or has answered enough. */
export class RefusedError extends Error {
  constructor(readonly refusal: Refuse) {
    super(`${refusal.code}${refusal.reason ? `: ${refusal.reason}` : ''}`);
    this.name = 'RefusedError';
  }
}

/** The channel ended while an answer was awaited. */
export class EndedError extends Error {
  constructor(readonly end: ChannelEnd) {
    super(end.detail || `ended with close code ${end.code}`);
    this.name = 'EndedError';
  }
}

/** What came back is not what was sent. */
export class AlteredError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AlteredError';
  }
}

/** A ping that was answered; `sentMs` and `receivedMs` by the steady clock, `sentTime` by the one on the wall. */
export interface Answered {
  readonly pong: Pong;
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly sentTime: number;
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

export class Asker {
  readonly #channel: Channel;
  readonly #pings = new Map<number, Waiting<Pong>>();
  #echo: (Waiting<ArrayBuffer> & { readonly id: number; announced: boolean }) | undefined;
  #nextId = 0;
  #failure: Error | undefined;
  #onEnd: (error: Error) => void = () => {};

  /** @param channel one on which `beginDiagnosis` has succeeded; the asker is its only listener from now on */
  constructor(channel: Channel) {
    this.#channel = channel;
    channel.listen({
      onMessage: (message) => this.#receive(message),
      onEnd: (end) => this.#fail(new EndedError(end)),
    });
  }

  /**
   * Asks for the time and the version of the peer.
   * @returns the answer and when it came
   * @throws RefusedError, EndedError
   */
  async ping(): Promise<Answered> {
    const id = this.#nextId++;
    const sentMs = performance.now();
    const sentTime = Date.now();
    const pong = await this.#ask<Pong>((waiting) => {
      this.#pings.set(id, waiting);
      this.#channel.send(JSON.stringify({ type: 'ping', id, time: sentTime }));
    });
    return { pong, sentMs, receivedMs: performance.now(), sentTime };
  }

  /**
   * Sends random bytes and has them sent back; one at a time.
   * @param bytes how many, at most 8 MiB
   * @returns how long it took, in ms
   * @throws AlteredError if others came back, RefusedError, EndedError
   */
  async echo(bytes: number): Promise<number> {
    const id = this.#nextId++;
    const sent = randomFillSync(new Uint8Array(bytes));
    const began = performance.now();
    const back = await this.#ask<ArrayBuffer>((waiting) => {
      this.#echo = { ...waiting, id, announced: false };
      this.#channel.send(JSON.stringify({ type: 'echo', id, bytes }));
      this.#channel.send(sent.slice());
    });
    const ms = performance.now() - began;
    if (!Buffer.from(sent.buffer).equals(Buffer.from(back)))
      throw new AlteredError(`${bytes} bytes came back altered`);
    return ms;
  }

  /**
   * Waits for the end of the channel, which ends otherwise only by a failure.
   * @returns the error with which it ended
   */
  ended(): Promise<Error> {
    if (this.#failure) return Promise.resolve(this.#failure);
    return new Promise((resolve) => {
      this.#onEnd = resolve;
    });
  }

  /** Ends the channel; answers that are awaited are rejected. */
  close(): void {
    this.#fail(new Error('closed'));
    this.#channel.close(1000, 'goodbye');
    // The other side need not answer the close.
    setTimeout(() => this.#channel.destroy(), 500).unref();
  }

  async #ask<T>(start: (waiting: Waiting<T>) => void): Promise<T> {
    if (this.#failure) throw this.#failure;
    return await new Promise<T>((resolve, reject) => start({ resolve, reject }));
  }

  #receive(message: ChannelMessage): void {
    if (typeof message !== 'string') this.#bytes(message);
    else {
      const said = objectIn(message);
      if (said?.type === 'pong') this.#pong(said);
      else if (said?.type === 'echo') this.#announce(said);
      else if (said?.type === 'refuse') this.#refused(said);
      // Daemons of later releases may say more than this one asks for.
    }
  }

  #pong(said: unknown): void {
    const parsed = v.safeParse(Pong, said);
    if (parsed.success) {
      const waiting = this.#pings.get(parsed.output.id);
      this.#pings.delete(parsed.output.id);
      waiting?.resolve(parsed.output);
    } else this.#fail(new AlteredError('the answer to a ping makes no sense'));
  }

  #announce(said: unknown): void {
    const parsed = v.safeParse(Echo, said);
    if (this.#echo && parsed.success && parsed.output.id === this.#echo.id) this.#echo.announced = true;
    else this.#fail(new AlteredError('an echo came back that nobody asked for'));
  }

  #bytes(bytes: ArrayBuffer): void {
    const echo = this.#echo;
    if (echo?.announced) {
      this.#echo = undefined;
      echo.resolve(bytes);
    } else this.#fail(new AlteredError('bytes came that nobody asked for'));
  }

  /** Only echoes are refused. */
  #refused(said: unknown): void {
    const parsed = v.safeParse(Refuse, said);
    const echo = this.#echo;
    if (!parsed.success) this.#fail(new AlteredError('a refusal that makes no sense'));
    else if (echo && parsed.output.id === echo.id) {
      this.#echo = undefined;
      echo.reject(new RefusedError(parsed.output));
    }
  }

  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    for (const waiting of this.#pings.values()) waiting.reject(error);
    this.#pings.clear();
    this.#echo?.reject(error);
    this.#echo = undefined;
    this.#onEnd(error);
  }
}
