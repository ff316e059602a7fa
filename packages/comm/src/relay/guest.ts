/**
 * A connection at a relay: who it is, what it wants, and the ways to end it. What it sends goes to whoever deals with it
 * at the moment.
 */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { Heartbeat } from '../channel/heartbeat.js';
import type { SocketSettings } from '../channel/node-websocket.js';
import type { Wish } from './proof.js';
import { RELAY_REFUSALS, type RelayRefusal } from './refusals.js';

/** Text of a close must fit into one frame. */
const MAX_REASON_BYTES = 123;
/** How long a guest that was sent away may take to hang up. */
const FAREWELL_MS = 1000;
/** How long a guest whose partner broke off may take to read what is left. */
const REMAINDER_MS = 30_000;

export interface GuestEnd {
  readonly code: number;
  readonly reason: string;
}

export class Guest {
  readonly wish: Wish;
  readonly socket: WebSocket;
  readonly stream: Socket;
  /** Empty until it is proved. */
  fingerprint = '';
  onMessage: (data: Buffer, binary: boolean) => void = () => {};
  onEnd: (end: GuestEnd) => void = () => {};
  readonly #heartbeat: Heartbeat;
  #paused = false;
  #ended = false;
  #tooLarge = false;
  #stopGuard: () => void = () => {};

  /** Takes over a socket before its first message. */
  constructor(socket: WebSocket, stream: Socket, wish: Wish, settings: SocketSettings) {
    this.socket = socket;
    this.stream = stream;
    this.wish = wish;
    this.#heartbeat = new Heartbeat(settings, {
      ping: () => {
        if (socket.readyState === socket.OPEN) socket.ping();
      },
      pong: () => {
        if (socket.readyState === socket.OPEN) socket.pong();
      },
      bytesRead: () => stream.bytesRead,
      onSilence: () => socket.terminate(),
    });
    socket.on('message', (data, binary) => {
      this.#heartbeat.heard();
      this.onMessage(data as Buffer, binary);
    });
    socket.on('ping', () => this.#heartbeat.heard());
    socket.on('pong', () => this.#heartbeat.heard());
    socket.on('error', (error) => {
      this.#tooLarge ||= 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    });
    socket.on('close', (code, reason) => {
      this.#heartbeat.stop();
      this.#stopGuard();
      const tooLarge = { code: RELAY_REFUSALS['too large'], reason: 'too large' };
      this.#end(this.#tooLarge ? tooLarge : { code, reason: String(reason) });
    });
  }

  /** Over, or about to be: nothing that it sends counts any more. */
  get ended(): boolean {
    return this.#ended;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Calls back if more than so many bytes come in before `trust`. */
  guard(limit: number, onExceeded: () => void): void {
    let bytes = 0;
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limit) onExceeded();
    };
    this.stream.on('data', count);
    this.#stopGuard = () => void this.stream.off('data', count);
  }

  /** It has proved who it is: lifts the limit. */
  trust(): void {
    this.#stopGuard();
    this.#heartbeat.start();
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  pause(): void {
    this.#paused = true;
    // Nothing is read from it at the moment, so its silence says nothing.
    this.#heartbeat.pause();
    this.socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#heartbeat.resume();
    this.socket.resume();
  }

  /** Sends away, with the reason. */
  refuse(reason: RelayRefusal, detail = ''): void {
    if (this.#ended) return;
    this.close(RELAY_REFUSALS[reason], detail);
    setTimeout(() => this.socket.terminate(), FAREWELL_MS).unref();
  }

  /** Ends in order: what is queued is sent before. What still comes in is dropped. */
  close(code: number, reason: string): void {
    this.#stop();
    // 1005 says that a close came without a code, and cannot be sent.
    if (code === 1005) this.socket.close();
    else if (isSendable(code)) this.socket.close(code, clipped(reason));
    else this.#breakOff();
  }

  /** Ends at once. */
  destroy(): void {
    this.#stop();
    this.socket.terminate();
  }

  /** What is queued is sent, then the connection breaks, as that of the other end did. */
  #breakOff(): void {
    this.stream.end();
    setTimeout(() => this.socket.terminate(), REMAINDER_MS).unref();
  }

  #stop(): void {
    this.onMessage = () => {};
    if (this.#paused) this.resume();
    this.#end({ code: 1000, reason: '' });
  }

  #end(end: GuestEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd(end);
  }
}

/** Codes that a WebSocket may send, apart from 1005 and 1006. */
const isSendable = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) ||
  (code >= 3000 && code < 5000);

/** As much of a text as a close may carry, with no character cut in two. */
function clipped(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= MAX_REASON_BYTES) return reason;
  return new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES), { stream: true });
}
