/**
 * Adapter of the `ws` package's WebSocket, with a heartbeat and a limit on what a stranger may send.
 *
 * The heartbeat keeps address translators awake and notices a network that is gone. A peer that computes for
 * minutes in its one thread answers nothing meanwhile, so the limit is generous; deadlines of receives are what
 * judges a stall.
 */
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { MAX_FRAME_BYTES } from './frame.js';
import { endOf, MessageSocket } from './message-socket.js';

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
    // Masking protects proxies from browsers' scripts. Between our own processes it would only cost time.
    generateMask: (mask: Buffer) => void mask.fill(0),
  };
}

export class NodeSocket extends MessageSocket {
  readonly #socket: WebSocket;
  readonly #settings: SocketSettings;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #silentMs = 0;
  #pinged = false;
  #error = '';
  #stream: Socket | undefined;
  #bytesRead = 0;
  #stopGuard: (() => void) | undefined;

  /** Takes over a socket before its first message. */
  constructor(socket: WebSocket, settings: SocketSettings) {
    super();
    this.#settings = settings;
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.on('message', (data: RawData, isBinary: boolean) => {
      this.#heard();
      this.arrived(isBinary ? (data as ArrayBuffer) : data.toString());
    });
    socket.on('pong', () => this.#heard());
    socket.on('ping', () => this.#heard());
    socket.on('error', (error) => {
      this.#error = error.message;
    });
    socket.on('close', (code, reason) => {
      clearInterval(this.#heartbeat);
      this.#stopGuard?.();
      const end = endOf(code, reason.toString());
      this.finished(end.reason === 'goodbye' || !this.#error ? end : { ...end, detail: this.#error });
    });
  }

  /** Destroys the connection if more than `limit` bytes come in before `authenticated` is called. */
  distrust(stream: Socket, limit: number, onExceeded: () => void): void {
    this.#stream = stream;
    let bytes = 0;
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= limit) return;
      this.#error = `more than ${limit} bytes before it proved who it is`;
      onExceeded();
      this.destroy();
    };
    stream.on('data', count);
    this.#stopGuard = () => {
      stream.off('data', count);
      this.#stopGuard = undefined;
    };
  }

  /** Lifts the limit and starts the heartbeat. */
  override authenticated(): void {
    const { pingIntervalMs = 15_000, deadAfterMs = 600_000 } = this.#settings;
    this.#stopGuard?.();
    if (pingIntervalMs <= 0 || this.ended !== undefined) return;
    this.#heartbeat = setInterval(() => this.#beat(pingIntervalMs, deadAfterMs), pingIntervalMs);
    this.#heartbeat.unref();
  }

  send(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(message, () => {});
  }

  bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  destroy(): void {
    this.#socket.terminate();
  }

  #heard(): void {
    this.#silentMs = 0;
    this.#pinged = false;
  }

  /** Counts beats, not clock time: a beat that is late since this thread was busy proves nothing. */
  #beat(intervalMs: number, deadAfterMs: number): void {
    const bytesRead = this.#stream?.bytesRead ?? 0;
    // A large frame on a slow network is a sign of life long before it is complete.
    if (bytesRead !== this.#bytesRead) this.#silentMs = 0;
    this.#bytesRead = bytesRead;
    this.#silentMs += intervalMs;
    if (this.#silentMs > deadAfterMs) {
      clearInterval(this.#heartbeat);
      this.finished({ reason: 'unresponsive', code: 1006, detail: `no answer for ${deadAfterMs} ms` });
      this.destroy();
    } else if (!this.#pinged && this.#socket.readyState === this.#socket.OPEN) {
      this.#pinged = true;
      this.#socket.ping();
    }
  }
}
