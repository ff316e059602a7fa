/**
 * Transport between threads of one process: a MessageChannel per pair. Runs in Node.js and in browsers, also
 * with all members in one thread.
 *
 * A frame is one message, an array of parts in the order of its entries: a key followed by its payload, or a
 * Uint8Array that holds a run of small entries in the binary encoding (one buffer is much cheaper to post than
 * many). A large payload that owns its buffer is transferred, not copied. A number acknowledges received bytes,
 * so that `flushed` knows what is on its way.
 * Cost: about one postMessage a frame. A browser that does not fire `close` on ports reports a crashed worker
 * by the timeouts of the receivers only. Frames are not joined to one buffer as on links between processes
 * (`link-transport.ts`): moving a payload costs nothing, copying it into a frame does.
 */
import { GOODBYE_CODE, GOODBYE_REASON } from '../channel/channel.js';
import { PortChannel } from '../channel/port-channel.js';
import { CommArgumentError, ProtocolViolationError } from '../errors.js';
import { decodeFrame, encodeFrame, frameBytes } from '../frame/frame.js';
import { type Entry, requirePeer, type Transport, type TransportHandlers } from '../transport.js';

/** What a member needs to take part; to be passed to its thread with `endpointPorts` as the transfer list. */
export interface ThreadEndpoint {
  readonly rank: number;
  readonly size: number;
  /** One port per rank, none for this member's. */
  readonly ports: readonly (MessagePort | undefined)[];
}

/** Below this a payload is copied, which costs less than a transfer. */
const TRANSFER_BYTES = 4096;
/** How many bytes may be on their way before `flushed` waits. */
const HIGH_WATER_BYTES = 8 * 2 ** 20;
/** How many bytes the receiver takes in before it acknowledges them. */
const ACK_BYTES = 2 ** 20;

/**
 * Connects the members of a group in one process.
 * @param size how many members
 * @returns an endpoint for each, by rank
 * @throws CommArgumentError unless `size` is a whole number from 1 on
 */
export function createThreadGroup(size: number): ThreadEndpoint[] {
  if (!Number.isInteger(size) || size < 1) throw new CommArgumentError(`a group cannot have ${size} members`);
  const ports: (MessagePort | undefined)[][] = Array.from({ length: size }, () =>
    Array.from({ length: size }, () => undefined),
  );
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      const { port1, port2 } = new MessageChannel();
      (ports[a] as (MessagePort | undefined)[])[b] = port1;
      (ports[b] as (MessagePort | undefined)[])[a] = port2;
    }
  }
  return ports.map((own, rank) => ({ rank, size, ports: own }));
}

/**
 * The transfer list of an endpoint. One object, two types: the browser's `MessagePort` and that of
 * `node:worker_threads` do not fit each other, so the caller's expectation picks.
 * @param endpoint of another thread
 * @returns its ports
 */
export function endpointPorts<Port = MessagePort>(endpoint: ThreadEndpoint): Port[] {
  return endpoint.ports.filter((port) => port !== undefined) as Port[];
}

/**
 * The transport of an endpoint, in the thread that uses it.
 * @param endpoint this member's; its ports keep the thread alive until they are closed
 * @returns the transport, for a `Communicator`
 */
export function threadTransport(endpoint: ThreadEndpoint): Transport {
  return new ThreadTransport(endpoint);
}

/** The channel to another member, and what is on its way there. */
class Link {
  readonly channel: PortChannel;
  onTheirWay = 0;
  unacknowledged = 0;
  flushWaiters: (() => void)[] = [];

  constructor(port: MessagePort) {
    this.channel = new PortChannel(port);
  }

  get open(): boolean {
    return this.channel.ended === undefined;
  }

  releaseWaiters(): void {
    const waiters = this.flushWaiters;
    this.flushWaiters = [];
    for (const resolve of waiters) resolve();
  }
}

class ThreadTransport implements Transport {
  readonly movesBuffers = true;
  readonly rank: number;
  readonly size: number;
  readonly #links: (Link | undefined)[];
  #handlers: TransportHandlers | undefined;
  #leaving = false;

  constructor(endpoint: ThreadEndpoint) {
    this.rank = endpoint.rank;
    this.size = endpoint.size;
    this.#links = endpoint.ports.map((port) => port && new Link(port));
  }

  start(handlers: TransportHandlers): void {
    this.#handlers = handlers;
    this.#links.forEach((link, from) => {
      link?.channel.listen({
        onMessage: (message) => this.#onMessage(from, link, message),
        onEnd: ({ reason, detail }) => {
          link.releaseWaiters();
          if (!this.#leaving) handlers.onLeave(from, reason, detail);
        },
      });
    });
  }

  send(to: number, entries: Entry[]): void {
    requirePeer(this, to);
    const link = this.#links[to];
    if (!link?.open) return;
    link.onTheirWay += frameBytes(entries);
    const transfer: ArrayBuffer[] = [];
    const message = pack(entries, transfer);
    try {
      link.channel.post(message, transfer);
    } catch {
      // A buffer that cannot be transferred, such as the memory of a WebAssembly instance.
      link.channel.post(
        message.map((part) => (typeof part === 'string' ? part : new Uint8Array(part))),
        [],
      );
    }
  }

  flushed(to: number): Promise<void> {
    const link = this.#links[to];
    if (!link?.open || link.onTheirWay <= HIGH_WATER_BYTES) return Promise.resolve();
    return new Promise((resolve) => link.flushWaiters.push(resolve));
  }

  async close(): Promise<void> {
    this.#leaving = true;
    for (const link of this.#links) {
      link?.channel.close(GOODBYE_CODE, GOODBYE_REASON);
      link?.releaseWaiters();
    }
  }

  destroy(): void {
    this.#leaving = true;
    for (const link of this.#links) {
      link?.channel.destroy();
      link?.releaseWaiters();
    }
  }

  #onMessage(from: number, link: Link, data: unknown): void {
    if (Array.isArray(data)) {
      let entries: Entry[];
      try {
        entries = unpack(data);
      } catch (error) {
        link.channel.end('violation', error instanceof ProtocolViolationError ? error.detail : String(error));
        return;
      }
      const bytes = frameBytes(entries);
      link.unacknowledged += bytes;
      if (link.unacknowledged >= ACK_BYTES) {
        link.channel.post(link.unacknowledged, []);
        link.unacknowledged = 0;
      }
      this.#handlers?.onEntries(from, entries, bytes);
    } else if (typeof data === 'number') {
      link.onTheirWay -= data;
      if (link.onTheirWay <= HIGH_WATER_BYTES) link.releaseWaiters();
    } else {
      link.channel.end('violation', 'a message that is not a frame');
    }
  }
}

type Part = string | Uint8Array;

const isSmall = ({ payload }: Entry): boolean => payload.byteLength < TRANSFER_BYTES;

function pack(entries: Entry[], transfer: ArrayBuffer[]): Part[] {
  const parts: Part[] = [];
  for (let i = 0; i < entries.length; ) {
    let end = i;
    while (end < entries.length && isSmall(entries[end] as Entry)) end++;
    if (end > i + 1) {
      const run = encodeFrame(entries.slice(i, end));
      transfer.push(run.buffer);
      parts.push(run);
      i = end;
    } else {
      const { key, payload } = entries[i] as Entry;
      const own = owned(payload, transfer);
      if (own.byteLength >= TRANSFER_BYTES) transfer.push(own.buffer);
      parts.push(key, own);
      i++;
    }
  }
  return parts;
}

/** `payload` itself if it may be given away or cloned as it is, else a copy of just its bytes. */
function owned(payload: Uint8Array, transfer: ArrayBuffer[]): Uint8Array<ArrayBuffer> {
  const { buffer } = payload;
  const whole = buffer instanceof ArrayBuffer && payload.byteLength === buffer.byteLength;
  // Two entries with one buffer: it can be transferred only once.
  return whole && !transfer.includes(buffer) ? (payload as Uint8Array<ArrayBuffer>) : new Uint8Array(payload);
}

function unpack(parts: unknown[]): Entry[] {
  const entries: Entry[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part instanceof Uint8Array) {
      entries.push(...decodeFrame(wholeBuffer(part)));
    } else {
      const payload = parts[++i];
      if (typeof part !== 'string' || !(payload instanceof Uint8Array))
        throw new ProtocolViolationError('a message that is not a frame');
      wholeBuffer(payload);
      entries.push({ key: part, payload });
    }
  }
  return entries;
}

function wholeBuffer({ buffer, byteLength }: Uint8Array): ArrayBuffer {
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== byteLength)
    throw new ProtocolViolationError('a payload that does not own its buffer');
  return buffer;
}
