/**
 * Transport over one authenticated channel per peer, of whatever kind; `frame-messages.ts` says how frames become
 * messages.
 *
 * A goodbye is a close with code 1000; any other end is a disconnection. Anything but a frame is a violation and ends
 * the channel.
 */

import {
  type Channel,
  type ChannelMessage,
  GOODBYE_CODE,
  GOODBYE_REASON,
  VIOLATION_CODE,
} from '../channel/channel.js';
import { ProtocolViolationError } from '../errors.js';
import { frameBytes, MAX_FRAME_BYTES } from '../frame/frame.js';
import { FrameAssembler, frameMessages } from '../frame/frame-messages.js';
import { type Entry, requirePeer, type Transport, type TransportHandlers } from '../transport.js';

/** How many bytes may be queued before `flushed` waits. */
const HIGH_WATER_BYTES = 4 * 2 ** 20;
/** How long a member that says nothing may hold up the end. */
const CLOSE_TIMEOUT_MS = 10_000;
/** How often a waiting `flushed` looks: sockets tell when they are empty, not when they are nearly so. */
const POLL_MS = 2;

export interface LinkTransportOptions {
  readonly rank: number;
  readonly size: number;
  /** The channel to each other member. */
  readonly channels: ReadonlyMap<number, Channel>;
  /** The largest frame that is accepted. Default 2 GiB - 1. */
  readonly maxFrameBytes?: number;
  /**
   * How long `close` waits for a member that neither answers nor takes anything. Default 10 s. One whose connection is
   * broken and may be resumed is waited for as long as that takes: it waits for this one, too.
   */
  readonly closeTimeoutMs?: number | undefined;
  /** Called when the transport is closed or destroyed. */
  readonly onClosed?: () => void;
}

interface Link {
  readonly channel: Channel;
  readonly assembler: FrameAssembler;
  readonly ended: Promise<void>;
  readonly markEnded: () => void;
  open: boolean;
}

export class LinkTransport implements Transport {
  readonly rank: number;
  readonly size: number;
  readonly #links = new Map<number, Link>();
  readonly #onClosed: (() => void) | undefined;
  readonly #closeTimeoutMs: number;
  #started = false;
  #closing: Promise<void> | undefined;

  /**
   * Takes over channels without a listener.
   * @param options this member's place in the group, and its channels
   */
  constructor(options: LinkTransportOptions) {
    const { rank, size, channels, maxFrameBytes = MAX_FRAME_BYTES, onClosed } = options;
    this.rank = rank;
    this.size = size;
    this.#onClosed = onClosed;
    this.#closeTimeoutMs = options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS;
    for (const [peer, channel] of channels) {
      let markEnded = (): void => {};
      const ended = new Promise<void>((resolve) => {
        markEnded = resolve;
      });
      const assembler = new FrameAssembler(maxFrameBytes);
      this.#links.set(peer, { channel, assembler, ended, markEnded, open: true });
    }
  }

  start(handlers: TransportHandlers): void {
    this.#started = true;
    for (const [from, link] of this.#links) {
      link.channel.listen({
        onMessage: (message) => this.#onMessage(from, link, message, handlers),
        place: (bytes) => {
          const target = link.open ? link.assembler.place(bytes) : undefined;
          return target && { target, done: () => deliver(from, link.assembler.placed(), handlers) };
        },
        onEnd: ({ reason, detail }) => {
          link.markEnded();
          if (!link.open) return;
          link.open = false;
          handlers.onLeave(from, reason, detail);
        },
      });
    }
  }

  send(to: number, entries: Entry[]): void {
    requirePeer(this, to);
    const link = this.#links.get(to);
    if (link?.open) for (const message of frameMessages(entries)) link.channel.send(message);
  }

  async flushed(to: number): Promise<void> {
    const link = this.#links.get(to);
    while (link?.open && link.channel.bufferedBytes() > HIGH_WATER_BYTES)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }

  close(patienceMs?: number): Promise<void> {
    this.#closing ??= this.#close(patienceMs);
    return this.#closing;
  }

  destroy(): void {
    this.#closing ??= Promise.resolve();
    for (const link of this.#links.values()) {
      link.open = false;
      link.channel.destroy();
    }
    this.#onClosed?.();
  }

  async #close(patienceMs: number | undefined): Promise<void> {
    // Without a listener the ends of the connections would go unnoticed.
    if (!this.#started) this.start({ onEntries: () => {}, onLeave: () => {} });
    const links = [...this.#links.values()];
    for (const link of links) {
      if (link.open) link.channel.close(GOODBYE_CODE, GOODBYE_REASON);
      link.open = false;
    }
    const usual = this.#closeTimeoutMs;
    const patience = { ms: Math.min(patienceMs ?? usual, usual), withBroken: patienceMs === undefined };
    await Promise.all(links.map((link) => endedWithin(link, patience)));
    this.#onClosed?.();
  }

  #onMessage(from: number, link: Link, message: ChannelMessage, handlers: TransportHandlers): void {
    if (!link.open) return;
    try {
      if (typeof message === 'string') throw new ProtocolViolationError('a text message instead of a frame');
      deliver(from, link.assembler.push(message), handlers);
    } catch (error) {
      link.open = false;
      link.channel.close(VIOLATION_CODE, 'violation');
      const detail = error instanceof ProtocolViolationError ? error.detail : String(error);
      handlers.onLeave(from, 'violation', detail);
    }
  }
}

/**
 * How long a member that leaves waits for another one that takes nothing. Whom it could not say goodbye to, since their
 * connection was broken before, it waits for until that is resumed or given up, unless the session has failed.
 */
interface Patience {
  readonly ms: number;
  readonly withBroken: boolean;
}

/** Waits for the end of a link. One that nobody takes anything from for too long is cut off. */
async function endedWithin({ channel, ended }: Link, { ms, withBroken }: Patience): Promise<void> {
  let left = channel.bufferedBytes();
  const timer = setInterval(() => {
    const before = left;
    left = channel.bufferedBytes();
    if (left >= before && !(withBroken && channel.interrupted)) channel.destroy();
  }, ms);
  await ended;
  clearInterval(timer);
}

function deliver(from: number, entries: Entry[] | undefined, handlers: TransportHandlers): void {
  if (entries !== undefined) handlers.onEntries(from, entries, frameBytes(entries));
}
