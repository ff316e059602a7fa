/** The links of a simulation: ports of this thread or WebSockets on the loopback, and a transport that lies. */
import { createThreadGroup, type Entry, type Transport, threadTransport } from '@tacit/comm';
import { listen, webSocketTransport } from '@tacit/comm/websocket';
import { randomBytes } from './random.js';

export type TransportKind = 'threads' | 'ws';

export interface Connected {
  /** Of each member, by rank; not started. */
  readonly transports: readonly Transport[];
  /** Closes what the transports do not own. */
  close(): Promise<unknown>;
}

/**
 * Links the members of a group in this thread.
 * @param kind ports, or WebSockets with a hub for each member
 * @param size how many members
 * @returns their transports, and how to close the hubs
 */
export async function connect(kind: TransportKind, size: number): Promise<Connected> {
  if (kind === 'threads')
    return { transports: createThreadGroup(size).map(threadTransport), close: () => Promise.resolve() };
  const hubs = await Promise.all(Array.from({ length: size }, () => listen({ host: '127.0.0.1' })));
  const addresses = hubs.map((hub) => hub.address);
  const token = randomBytes(32);
  const sessionId = crypto.randomUUID();
  const transports = await Promise.all(
    hubs.map((hub, rank) => webSocketTransport({ rank, size, hub, addresses, token, sessionId })),
  );
  return { transports, close: () => Promise.all(hubs.map((hub) => hub.close())) };
}

/** A transport that sends something else. */
export class TamperedTransport implements Transport {
  readonly rank: number;
  readonly size: number;

  /**
   * Takes the place of a transport, not yet started.
   * @param inner carries the frames
   * @param change gives what goes out instead of an entry, or nothing; frames that become empty are not sent
   */
  constructor(
    readonly inner: Transport,
    readonly change: (entry: Entry, to: number) => Entry | undefined,
  ) {
    this.rank = inner.rank;
    this.size = inner.size;
  }
  start(handlers: Parameters<Transport['start']>[0]): void {
    this.inner.start(handlers);
  }
  send(to: number, entries: Entry[]): void {
    const changed = entries.map((entry) => this.change(entry, to)).filter((entry) => entry !== undefined);
    if (changed.length > 0) this.inner.send(to, changed);
  }
  flushed(to: number): Promise<void> {
    return this.inner.flushed(to);
  }
  close(): Promise<void> {
    return this.inner.close();
  }
  destroy(): void {
    this.inner.destroy();
  }
}
