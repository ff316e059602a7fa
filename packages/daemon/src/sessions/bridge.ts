/**
 * A channel whose connection another thread has. The thread with the sockets keeps the channel and joins it to one end of
 * a MessageChannel (`bridge`); the other thread has a channel of its own at the other end (`BridgedChannel`), with the same
 * messages, order and end.
 *
 * Neither thread may fill the memory of the other. What a computation sends counts as buffered until the socket has it:
 * the near thread acknowledges bytes as the channel below gets rid of them. What comes in is acknowledged as the
 * computation takes it, and beyond a limit the channel is asked to wait, so that a slow computation slows its peers down
 * as it would with sockets of its own.
 * Cost: one message of the port a message, and a copy of what does not fill its buffer.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import {
  Arrivals,
  type Channel,
  type ChannelEnd,
  type ChannelListener,
  type ChannelMessage,
  endOf,
} from '@tacit/comm/layers';

/** What passes a port besides text and bytes. */
type Signal =
  | { readonly taken: number }
  | { readonly close: number; readonly reason: string }
  | { readonly destroy: true }
  | { readonly interrupted: true }
  | { readonly end: ChannelEnd };

/** From how many bytes on they are acknowledged. */
const ACK_BYTES = 256 * 1024;
/** How many bytes may wait for the computation before its peer has to. */
const WAITING_BYTES = 64 * 2 ** 20;
/** How soon the near thread looks how much is still buffered: when that is much, little, and at most. */
const SOON_MS = 1;
const LATER_MS = 20;
const LATEST_MS = 50;

/** What has passed a bridge. */
export interface Traffic {
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** The end of a bridge at the connection. */
export interface BridgeHead {
  readonly traffic: Traffic;
  /** Settles when the channel has ended. */
  readonly ended: Promise<ChannelEnd>;
  /** The other thread is gone: takes what it has said, and closes the channel unless it had. */
  abandon(): void;
}

const sizeOf = (message: string | ArrayBufferLike | Uint8Array): number =>
  typeof message === 'string' ? message.length : message.byteLength;

/**
 * Joins a channel to a port, whose other end goes to another thread. The channel is closed with `lost` if that thread ends
 * without having closed it.
 * @param channel one without a listener
 * @param port which nobody else uses
 * @param lost the close code and reason where the other thread dies
 * @param onPassed called when a message has passed
 * @returns what has passed, and when it is over
 */
export function bridge(
  channel: Channel,
  port: MessagePort,
  lost: { readonly code: number; readonly reason: string },
  onPassed: () => void = () => {},
): BridgeHead {
  const traffic = { bytesSent: 0, bytesReceived: 0 };
  let taken = 0; // of what the other thread sent, by the channel below
  let waiting = 0; // at the other thread
  let paused = false;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hurried = false;

  /** Acknowledges what the channel has got rid of; looks again while there is more. */
  const acknowledge = (pause: number): void => {
    timer = undefined;
    hurried = false;
    if (channel.ended !== undefined) return;
    const left = channel.bufferedBytes();
    const gone = Math.max(taken, traffic.bytesSent - left);
    if (gone - taken >= ACK_BYTES || left === 0) {
      if (gone > taken) port.postMessage({ taken: gone - taken } satisfies Signal);
      taken = gone;
    }
    if (taken < traffic.bytesSent) timer = setTimeout(acknowledge, pause, Math.min(pause * 1.5, LATEST_MS));
  };

  const onMessage = (message: string | Uint8Array<ArrayBuffer> | Signal): void => {
    if (typeof message === 'string' || message instanceof Uint8Array) {
      channel.send(message);
      traffic.bytesSent += sizeOf(message);
      onPassed();
      const soon = traffic.bytesSent - taken >= ACK_BYTES;
      if (soon && !hurried) clearTimeout(timer);
      if (timer === undefined || (soon && !hurried)) {
        hurried = soon;
        timer = setTimeout(acknowledge, soon ? SOON_MS : LATER_MS, soon ? SOON_MS : LATER_MS);
      }
    } else if ('taken' in message) {
      waiting -= message.taken;
      if (paused && waiting < WAITING_BYTES / 2) {
        paused = false;
        channel.resume?.();
      }
    } else if ('close' in message) {
      closed = true;
      channel.close(message.close, message.reason);
      if (channel.interrupted) port.postMessage({ interrupted: true } satisfies Signal);
    } else if ('destroy' in message) {
      closed = true;
      channel.destroy();
    }
  };
  const abandon = (): void => {
    for (let left = receiveMessageOnPort(port); left !== undefined; left = receiveMessageOnPort(port))
      onMessage(left.message);
    if (!closed && channel.ended === undefined) channel.close(lost.code, lost.reason);
  };
  port.on('message', onMessage);
  port.on('close', () => {
    if (!closed && channel.ended === undefined) channel.close(lost.code, lost.reason);
  });

  const ended = new Promise<ChannelEnd>((resolve) => {
    channel.listen({
      onMessage: (message) => {
        const size = sizeOf(message);
        // Who leaves reads no more, and the end of the connection has to be read.
        if (closed && waiting > WAITING_BYTES) return;
        traffic.bytesReceived += size;
        onPassed();
        waiting += size;
        if (!paused && !closed && waiting > WAITING_BYTES) {
          paused = true;
          channel.pause?.();
        }
        port.postMessage(message, typeof message === 'string' ? [] : [message]);
      },
      onEnd: (end) => {
        clearTimeout(timer);
        timer = undefined;
        port.postMessage({ end } satisfies Signal);
        port.close();
        resolve(end);
      },
    });
  });
  return { traffic, ended, abandon };
}

/** The end of a bridge at the computation. */
export class BridgedChannel implements Channel {
  readonly #arrivals = new Arrivals();
  readonly #port: MessagePort;
  #buffered = 0;
  #taken = 0;
  #closing = false;
  #interrupted = false;

  /**
   * Takes over a port before its first message.
   * @param port of `bridge`; keeps the thread alive until the end
   */
  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (message: ChannelMessage | Signal) => this.#onMessage(message));
    port.on('messageerror', () => this.#finish(endOf(1006, 'an unreadable message of another thread')));
    port.on('close', () => this.#finish(endOf(1006, 'the thread with the connection is gone')));
  }

  get ended(): ChannelEnd | undefined {
    return this.#arrivals.ended;
  }

  /** Whether the connection was broken when this end closed the channel. */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** A message that fills its buffer changes hands and is not copied. */
  send(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#closing || this.ended !== undefined) return;
    this.#buffered += sizeOf(message);
    if (typeof message === 'string') {
      this.#port.postMessage(message);
      return;
    }
    const own = message.byteLength === message.buffer.byteLength ? message : message.slice();
    this.#port.postMessage(own, [own.buffer]);
  }

  listen(listener: ChannelListener | undefined): void {
    this.#arrivals.listen(
      listener && {
        onMessage: (message) => {
          // Before the listener has it, which may take its buffer.
          this.#acknowledge(sizeOf(message));
          listener.onMessage(message);
        },
        onEnd: (end) => listener.onEnd(end),
      },
    );
  }

  bufferedBytes(): number {
    return this.#buffered;
  }

  close(code: number, reason: string): void {
    if (this.#closing || this.ended !== undefined) return;
    this.#closing = true;
    this.#port.postMessage({ close: code, reason } satisfies Signal);
  }

  destroy(): void {
    if (this.ended !== undefined) return;
    this.#closing = true;
    this.#port.postMessage({ destroy: true } satisfies Signal);
    this.#finish(endOf(1006, ''));
  }

  #acknowledge(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken < ACK_BYTES || this.ended !== undefined) return;
    this.#port.postMessage({ taken: this.#taken } satisfies Signal);
    this.#taken = 0;
  }

  #onMessage(message: ChannelMessage | Signal): void {
    if (typeof message === 'string' || message instanceof ArrayBuffer) this.#arrivals.push(message);
    else if ('taken' in message) this.#buffered -= message.taken;
    else if ('interrupted' in message) this.#interrupted = true;
    else if ('end' in message) this.#finish(message.end);
  }

  #finish(end: ChannelEnd): void {
    if (this.ended !== undefined) return;
    this.#buffered = 0;
    this.#arrivals.finish(end);
    this.#port.close();
  }
}
