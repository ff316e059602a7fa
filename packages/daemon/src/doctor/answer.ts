/**
 * The answering half of `tacit doctor`, in the daemon of the peer that is asked: pings, and bytes sent back within limits.
 * It keeps no more than one announced echo a channel and a few numbers a peer. What an honest doctor does not send ends the
 * channel.
 */
import type { Channel, ChannelMessage } from '@tacit/comm/layers';
import * as v from 'valibot';
import {
  ECHO_BYTES_PER_MINUTE,
  ECHO_REFUSED,
  Echo,
  MAX_CHANNELS,
  MAX_SILENCE_MS,
  MESSAGES_PER_SECOND,
  objectIn,
  Ping,
} from './protocol.js';

/** The close code for a peer that sent what no member sends, as in `@tacit/comm`. */
const VIOLATION_CODE = 4002;
const MINUTE_MS = 60_000;
/** How many messages may come at once. */
const BURST = 200;
/** How long a close waits for the other end. */
const CLOSE_MS = 2000;

/** What `Diagnosis` tells and allows. */
export interface DiagnosisOptions {
  /** The release of this side, as pongs say. */
  readonly version: string;
  /** How many bytes one peer may have sent back within a minute, over all its channels. Default 32 MiB. */
  readonly bytesPerMinute?: number;
  /** How long a channel may be silent, in ms. Default 15 minutes. */
  readonly maxSilenceMs?: number;
  /** A clock that never goes back, in ms; for tests. */
  readonly now?: () => number;
}

interface Account {
  channels: number;
  windowStart: number;
  bytes: number;
}

/** One a daemon: limits are per peer, however many channels it opens. */
export class Diagnosis {
  readonly #options: Required<DiagnosisOptions>;
  readonly #accounts = new Map<string, Account>();

  /** @param options the version that pongs tell, and limits */
  constructor(options: DiagnosisOptions) {
    this.#options = {
      bytesPerMinute: ECHO_BYTES_PER_MINUTE,
      maxSilenceMs: MAX_SILENCE_MS,
      now: () => performance.now(),
      ...options,
    };
  }

  /**
   * Answers on one channel.
   * @param channel of a known peer, without a listener, after `diagnosing` was said
   * @param fingerprint of that peer, under which its bytes are counted
   * @returns when the channel has ended; never rejects
   */
  serve(channel: Channel, fingerprint: string): Promise<void> {
    if (channel.ended !== undefined) return Promise.resolve();
    const account = this.#accountOf(fingerprint);
    if (account.channels >= MAX_CHANNELS) {
      end(channel, 1000, `no more than ${MAX_CHANNELS} diagnoses of a peer at once`);
      return Promise.resolve();
    }
    account.channels++;
    return new Promise<void>((resolve) => {
      const served = new ServedChannel(channel, account, this.#options, resolve);
      channel.listen({ onMessage: (message) => served.onMessage(message), onEnd: () => served.over() });
    }).finally(() => {
      account.channels--;
    });
  }

  #accountOf(fingerprint: string): Account {
    const now = this.#options.now();
    for (const [key, { channels, windowStart }] of this.#accounts)
      if (channels === 0 && now - windowStart >= MINUTE_MS) this.#accounts.delete(key);
    const account = this.#accounts.get(fingerprint) ?? { channels: 0, windowStart: now, bytes: 0 };
    this.#accounts.set(fingerprint, account);
    return account;
  }
}

class ServedChannel {
  readonly #channel: Channel;
  readonly #account: Account;
  readonly #options: Required<DiagnosisOptions>;
  readonly #done: () => void;
  /** The echo whose bytes come next; `granted` false: they will be thrown away. */
  #announced: { readonly echo: Echo; readonly granted: boolean } | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #budget = BURST;
  #budgetAt: number;
  #isOver = false;

  constructor(channel: Channel, account: Account, options: Required<DiagnosisOptions>, done: () => void) {
    this.#channel = channel;
    this.#account = account;
    this.#options = options;
    this.#done = done;
    this.#budgetAt = options.now();
    this.#heard();
  }

  onMessage(message: ChannelMessage): void {
    if (this.#isOver) return;
    this.#heard();
    if (typeof message === 'string') this.#text(message);
    else this.#bytes(message);
  }

  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#silence);
    this.#done();
  }

  #text(message: string): void {
    const said = objectIn(message);
    const ping = v.safeParse(Ping, said);
    const echo = v.safeParse(Echo, said);
    if (!this.#afford()) this.#violation('too many messages');
    else if (ping.success) this.#ping(ping.output.id);
    else if (echo.success) this.#echo(echo.output);
    else this.#violation('neither a ping nor an echo');
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#close(1000, 'silent for too long'), this.#options.maxSilenceMs);
    this.#silence.unref();
  }

  /** A bucket of messages that fills up with time. */
  #afford(): boolean {
    const now = this.#options.now();
    this.#budget = Math.min(BURST, this.#budget + ((now - this.#budgetAt) / 1000) * MESSAGES_PER_SECOND);
    this.#budgetAt = now;
    if (this.#budget < 1) return false;
    this.#budget--;
    return true;
  }

  #ping(id: number): void {
    const { version } = this.#options;
    this.#say({ type: 'pong', id, time: Date.now(), version, node: process.version });
  }

  #echo(echo: Echo): void {
    if (this.#announced !== undefined) {
      this.#violation('a second echo before the bytes of the first');
      return;
    }
    const waitMs = this.#charge(echo.bytes);
    this.#announced = { echo, granted: waitMs === 0 };
    if (waitMs > 0)
      this.#say({
        type: 'refuse',
        id: echo.id,
        code: ECHO_REFUSED,
        reason: `enough bytes were sent back for this minute; try again in ${Math.ceil(waitMs / 1000)} s`,
        retryMs: waitMs,
      });
  }

  #bytes(bytes: ArrayBuffer): void {
    const announced = this.#announced;
    this.#announced = undefined;
    if (announced?.echo.bytes !== bytes.byteLength) this.#violation('bytes that were not announced');
    else if (announced.granted) {
      this.#say(announced.echo);
      this.#channel.send(new Uint8Array(bytes));
    }
  }

  /** 0 if the peer may have so many bytes sent back, else how long it has to wait. What it has not read counts again. */
  #charge(bytes: number): number {
    const account = this.#account;
    const now = this.#options.now();
    if (now - account.windowStart >= MINUTE_MS) {
      account.windowStart = now;
      account.bytes = 0;
    }
    if (account.bytes + this.#channel.bufferedBytes() + bytes > this.#options.bytesPerMinute)
      return Math.max(1, Math.ceil(account.windowStart + MINUTE_MS - now));
    account.bytes += bytes;
    return 0;
  }

  #say(message: object): void {
    this.#channel.send(JSON.stringify(message));
  }

  #violation(text: string): void {
    this.#close(VIOLATION_CODE, text);
  }

  #close(code: number, reason: string): void {
    this.#channel.listen({ onMessage: () => {}, onEnd: () => {} });
    end(this.#channel, code, reason);
    this.over();
  }
}

function end(channel: Channel, code: number, reason: string): void {
  channel.close(code, reason);
  // The other end need not answer the close.
  setTimeout(() => channel.destroy(), CLOSE_MS).unref();
}
