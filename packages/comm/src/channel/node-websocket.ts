/** WebSocket channels in Node.js: a heartbeat, and a limit on what an unauthenticated peer may send. */
import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { WebSocket } from 'ws';
import { HandshakeError } from '../errors.js';
import { MAX_FRAME_BYTES } from '../frame/frame.js';
import type { ChannelBinding, ChannelEnd, ExportKey } from './channel.js';
import { Heartbeat, type HeartbeatSettings } from './heartbeat.js';
import type { Open } from './open.js';
import { isTls, type TlsFacts, tlsFacts } from './tls-facts.js';
import { opened, type StandardWebSocket, WebSocketChannel } from './websocket-channel.js';

export interface SocketSettings extends HeartbeatSettings {
  /** Largest frame that is accepted. Default 2 GiB - 1. */
  maxPayloadBytes?: number;
  /**
   * How long a close waits for a peer that does not answer. Default 30 s; a transport that is closed waits 10 s where
   * nothing is taken any more, and less once the session has failed.
   */
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
  readonly #heartbeat: Heartbeat;
  #stream: Socket | undefined;
  #tls: TlsFacts | undefined;
  #guardBytes = 0;
  #stopGuard: (() => void) | undefined;
  /** Called when the limit is lifted. */
  onAuthenticated: (() => void) | undefined;

  /**
   * Takes over a socket before its first message.
   * @param socket open or on its way to be
   * @param settings of the heartbeat, which begins with `authenticated`
   */
  constructor(socket: WebSocket, settings: SocketSettings) {
    super(socket as StandardWebSocket);
    this.#socket = socket;
    socket.on('pong', () => this.heard());
    socket.on('ping', () => this.heard());
    this.#heartbeat = new Heartbeat(settings, {
      ping: () => this.#socket.readyState === this.#socket.OPEN && this.#socket.ping(),
      pong: () => this.#socket.readyState === this.#socket.OPEN && this.#socket.pong(),
      bytesRead: () => this.bytesRead(),
      onSilence: (ms) => {
        this.finished({ reason: 'unresponsive', code: 1006, detail: `no answer for ${ms} ms` });
        this.destroy();
      },
    });
  }

  override get binding(): ChannelBinding | undefined {
    return this.#tls?.binding;
  }

  override get exportKey(): ExportKey | undefined {
    return this.#tls?.exportKey;
  }

  /**
   * Says what TLS has proved about this connection.
   * @param facts of the TLS connection that the socket runs over
   */
  bind(facts: TlsFacts): void {
    this.#tls = facts;
  }

  /**
   * Destroys the connection if too much comes in before `authenticated` is called.
   * @param stream what the socket reads from
   * @param limit in bytes, of WebSocket frames with their headers
   * @param onExceeded called before the connection is destroyed
   */
  guard(stream: Socket, limit: number, onExceeded: () => void): void {
    this.#stream = stream;
    this.#guardBytes = limit;
    let bytes = 0;
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= this.#guardBytes) return;
      onExceeded();
      this.fail(`more than ${this.#guardBytes} bytes before it proved who it is`);
    };
    stream.on('data', count);
    this.#stopGuard = () => {
      stream.off('data', count);
      this.#stopGuard = undefined;
    };
  }

  /**
   * Changes the limit of `guard`.
   * @param limit in bytes, from the beginning of the connection
   */
  allow(limit: number): void {
    this.#guardBytes = limit;
  }

  /** Lifts the limit and starts the heartbeat. */
  authenticated(): void {
    this.#stopGuard?.();
    this.onAuthenticated?.();
    if (this.ended === undefined) this.#heartbeat.start();
  }

  bytesRead(): number {
    return this.#stream?.bytesRead ?? 0;
  }

  challenge(ms: number): void {
    if (this.ended === undefined) this.#heartbeat.challenge(ms);
  }

  pause(): void {
    if (this.ended !== undefined || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#heartbeat.pause();
    this.#socket.pause();
  }

  resume(): void {
    this.#heartbeat.resume();
    this.#socket.resume();
  }

  override close(code: number, reason: string): void {
    // The answer has to be read.
    this.resume();
    super.close(code, reason);
  }

  override destroy(): void {
    this.#socket.terminate();
  }

  protected override heard(): void {
    this.#heartbeat.heard();
  }

  protected override finished(end: ChannelEnd): void {
    this.#heartbeat.stop();
    this.#stopGuard?.();
    super.finished(end);
  }
}

/** What a listener may send before it has proved itself; its first frames may come right after the proof. */
export const UNPROVEN_BYTES = 2 ** 20;
const CERTIFICATE_ERROR = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ALTNAME/;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Masks protect proxies that read along (RFC 6455, section 10.3), and are random. Between processes of one machine there
 * are no proxies, and zeros save a pass over every byte.
 */
export function maskingFor(address: string): { generateMask?: (mask: Buffer) => void } {
  return LOOPBACK.test(new URL(address).hostname) ? ZEROS : {};
}

const ZEROS = { generateMask: (mask: Buffer): void => void mask.fill(0) };

/**
 * What opens connections to listeners from Node.js.
 * @param settings of sockets, and whom to trust for `wss:`
 * @returns opens a channel to an address; rejects with HandshakeError where a certificate is refused, with the reason of
 *   the signal, or with the error of the socket
 */
export function webSocketOpener(settings: OpenerSettings): Open {
  return async (address, signal) => (await openWebSocket(address, signal, settings)).channel;
}

/** Settings of sockets that are opened, whom to trust for `wss:`, and an agent that goes through a proxy. */
export interface OpenerSettings extends SocketSettings {
  readonly tls?: ConnectionOptions;
  readonly agent?: Agent;
}

/** How one connection is made. */
export interface ConnectionSettings extends OpenerSettings {
  /** A connection that is there already. */
  readonly stream?: Socket;
  /** What is sent is encrypted, and no proxy on the way can take it for something else. */
  readonly unmasked?: boolean;
}

/**
 * One connection to a listener.
 * @returns the channel, and what it runs over
 */
export async function openWebSocket(
  address: string,
  signal: AbortSignal,
  settings: ConnectionSettings,
): Promise<{ channel: NodeWebSocketChannel; stream: Socket }> {
  const given = settings.stream;
  const socket = new WebSocket(address, {
    ...settings.tls,
    ...socketOptions(settings),
    ...(settings.unmasked ? ZEROS : maskingFor(address)),
    agent: settings.agent,
    createConnection: given && (() => given),
  });
  const channel = new NodeWebSocketChannel(socket, settings);
  let stream: Socket | undefined;
  socket.on('upgrade', (response) => {
    stream = response.socket;
    if (isTls(stream)) channel.bind(tlsFacts(stream, false));
  });
  // Not before: a listener for data would take what came together with the upgrade.
  socket.on('open', () => stream && channel.guard(stream, UNPROVEN_BYTES, () => {}));
  try {
    await opened(socket as StandardWebSocket, signal);
    if (stream === undefined) throw new Error('the connection failed');
    return { channel, stream };
  } catch (error) {
    channel.destroy();
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (CERTIFICATE_ERROR.test(code)) throw new HandshakeError('certificate', String(error));
    throw error;
  }
}
