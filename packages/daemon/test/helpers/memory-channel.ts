/** Channels within a thread, whose network a test plays: what is sent waits until the test lets it go. */

import { PortChannel } from '@tacit/comm';
import { type Channel, type ChannelEnd, type ChannelListener, endOf } from '@tacit/comm/layers';
import type { BoundChannel } from '../../src/control/bound-channel.js';

/** The two ends of a channel. */
export function portPair(): readonly [Channel, Channel] {
  const { port1, port2 } = new MessageChannel();
  return [new PortChannel(port1), new PortChannel(port2)];
}

/** The two ends of a channel, each of which knows the other's certificate. */
export function boundPair(mine: string, theirs: string): readonly [BoundChannel, BoundChannel] {
  const [a, b] = portPair();
  const bind = (channel: Channel, peerFingerprint: string): BoundChannel =>
    Object.assign(channel, {
      binding: { peerFingerprint, exportKey: (_: string, length: number) => new Uint8Array(length).fill(7) },
    });
  return [bind(a, theirs), bind(b, mine)];
}

/** A connection that sends only when it is told to. */
export class SlowChannel implements Channel {
  ended: ChannelEnd | undefined;
  readonly sent: (string | Uint8Array)[] = [];
  paused = false;
  closed: string | undefined;
  #buffered = 0;
  #listener: ChannelListener | undefined;

  send(message: string | Uint8Array<ArrayBuffer>): void {
    this.sent.push(message);
    this.#buffered += message.length;
  }

  listen(listener: ChannelListener | undefined): void {
    this.#listener = listener;
  }

  bufferedBytes(): number {
    return this.#buffered;
  }

  /** The network takes so many bytes. */
  drain(bytes: number): void {
    this.#buffered = Math.max(0, this.#buffered - bytes);
  }

  /** The network brings something. */
  arrive(message: string | ArrayBuffer): void {
    this.#listener?.onMessage(message);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  close(code: number, reason: string): void {
    this.closed ??= `${code} ${reason}`;
    this.#end(endOf(code, reason));
  }

  destroy(): void {
    this.closed ??= 'destroyed';
    this.#end(endOf(1006, ''));
  }

  /** Ends for a reason of the connection's own. */
  fail(end: ChannelEnd): void {
    this.#end(end);
  }

  #end(end: ChannelEnd): void {
    if (this.ended !== undefined) return;
    this.ended = end;
    this.#listener?.onEnd(end);
  }
}
