/**
 * WebSocket channels in Node.js: a heartbeat, and a limit on what an unauthenticated peer may send.
 *
 * The heartbeat keeps address translators awake and notices a network that is gone. A peer that computes for
 * minutes in its one thread answers nothing meanwhile, so the limit is generous; deadlines of receives are what
 * judges a stall.
 */
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { WebSocket } from 'ws';
import { HandshakeError } from '../errors.js';
import { MAX_FRAME_BYTES } from '../frame/frame.js';
import type { Channel, ChannelEnd } from './channel.js';
import { opened, type StandardWebSocket, WebSocketChannel } from './websocket-channel.js';

export interface SocketSettings {
  /** Largest frame that is accepted. Default 2 GiB - 1. */
  maxPayloadBytes?: number;
  /** Pause between heartbeats; 0 for none. Default 15 s. */
  pingIntervalMs?: number;
  /** How long a peer may answer no heartbeat before it counts as gone. Default 10 minutes. */
  deadAfterMs?: number;
  /** How long a close waits for a peer that does not answer. Default 30 s. */
  closeTimeoutMs?: number;
}

/** Options of `ws` for both sides. */
export function socketOptions(settings: SocketSettings) {
  return {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    maxPayload: settings.maxPayloadBytes ?? MAX_FRAME_BYTES,
    // A large frame comes in very many small chunks on a slow network; maxPayload bounds the memory.
    maxBufferedChunks: 0,
    closeTimeout: settings.closeTimeoutMs ?? 30_000,
  };
}

export class NodeWebSocketChannel extends WebSocketChannel {
  readonly #socket: WebSocket;
  readonly #settings: SocketSettings;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #silentMs = 0;
  #pinged = false;
  #stream: Socket | undefined;
  #bytesRead = 0;
  #challenge: ReturnType<typeof setTimeout> | undefined;
  #stopGuard: (() => void) | undefined;

  /**
   * Takes over a socket before its first message.
   * @param socket open or on its way to be
   * @param settings of the heartbeat, which begins with `authenticated`
   */
  constructor(socket: WebSocket, settings: SocketSettings) {
    super(socket as StandardWebSocket);
    this.#settings = settings;
    this.#socket = socket;
    socket.on('pong', () => this.heard());
    socket.on('ping', () => this.heard());
  }

  /**
   * Destroys the connection if too much comes in before `authenticated` is called.
   * @param stream what the socket reads from
   * @param limit in bytes, of WebSocket frames with their headers
   * @param onExceeded called before the connection is destroyed
   */
  guard(stream: Socket, limit: number, onExceeded: () => void): void {
    this.#stream = stream;
    let bytes = 0;
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= limit) return;
      onExceeded();
      this.fail(`more than ${limit} bytes before it proved who it is`);
    };
    stream.on('data', count);
    this.#stopGuard = () => {
      stream.off('data', count);
      this.#stopGuard = undefined;
    };
  }

  /** Lifts the limit and starts the heartbeat. */
  authenticated(): void {
    const { pingIntervalMs = 15_000, deadAfterMs = 600_000 } = this.#settings;
    this.#stopGuard?.();
    if (pingIntervalMs <= 0 || this.ended !== undefined) return;
    this.#heartbeat = setInterval(() => this.#beat(pingIntervalMs, deadAfterMs), pingIntervalMs);
    this.#heartbeat.unref();
  }

  bytesRead(): number {
    return this.#stream?.bytesRead ?? 0;
  }

  /**
   * Finds out soon whether the other end is still there, since somebody else says to be it.
   * @param ms how long it may take to answer
   */
  challenge(ms: number): void {
    if (this.#challenge !== undefined || this.ended !== undefined) return;
    this.#socket.ping();
    this.#challenge = setTimeout(() => {
      this.finished({ reason: 'unresponsive', code: 1006, detail: `no answer for ${ms} ms` });
      this.destroy();
    }, ms);
  }

  override destroy(): void {
    this.#socket.terminate();
  }

  protected override heard(): void {
    this.#silentMs = 0;
    this.#pinged = false;
    this.#endChallenge();
  }

  #endChallenge(): void {
    clearTimeout(this.#challenge);
    this.#challenge = undefined;
  }

  protected override finished(end: ChannelEnd): void {
    clearInterval(this.#heartbeat);
    this.#endChallenge();
    this.#stopGuard?.();
    super.finished(end);
  }

  /** Counts beats, not clock time: a beat that is late since this thread was busy proves nothing. */
  #beat(intervalMs: number, deadAfterMs: number): void {
    const bytesRead = this.bytesRead();
    // A large frame on a slow network is a sign of life long before it is complete.
    if (bytesRead !== this.#bytesRead) this.#silentMs = 0;
    this.#bytesRead = bytesRead;
    this.#silentMs += intervalMs;
    if (this.#silentMs > deadAfterMs) {
      this.finished({ reason: 'unresponsive', code: 1006, detail: `no answer for ${deadAfterMs} ms` });
      this.destroy();
    } else if (!this.#pinged && this.#socket.readyState === this.#socket.OPEN) {
      this.#pinged = true;
      this.#socket.ping();
    }
  }
}

/** What a listener may send before it has proved itself; its first frames may come right after the proof. */
const UNPROVEN_BYTES = 2 ** 20;
const CERTIFICATE_ERROR = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ALTNAME/;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Masks protect proxies that read along (RFC 6455, section 10.3), and are random. Between processes of one machine there
 * are no proxies, and zeros save a pass over every byte.
 */
export function maskingFor(address: string): { generateMask?: (mask: Buffer) => void } {
  return LOOPBACK.test(new URL(address).hostname) ? { generateMask: (mask) => void mask.fill(0) } : {};
}

/**
 * What opens connections to listeners from Node.js.
 * @param settings of sockets, and whom to trust for `wss:`
 * @returns opens a channel to an address; rejects with HandshakeError where a certificate is refused, with the reason of
 *   the signal, or with the error of the socket
 */
export function webSocketOpener(settings: SocketSettings & { readonly tls?: ConnectionOptions }) {
  return async (address: string, signal: AbortSignal): Promise<Channel> => {
    const socket = new WebSocket(address, {
      ...settings.tls,
      ...socketOptions(settings),
      ...maskingFor(address),
    });
    const channel = new NodeWebSocketChannel(socket, settings);
    socket.on('upgrade', ({ socket: stream }) => channel.guard(stream, UNPROVEN_BYTES, () => {}));
    try {
      await opened(socket as StandardWebSocket, signal);
    } catch (error) {
      channel.destroy();
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (CERTIFICATE_ERROR.test(code)) throw new HandshakeError('certificate', String(error));
      throw error;
    }
    return channel;
  };
}
