/** Members in this thread on either transport, each with a program or misbehaviour of its own: how each of them ends. */
import { Communicator, createThreadGroup, type Entry, type Transport, threadTransport } from '@tacit/comm';
import { listen, webSocketTransport } from '@tacit/comm/websocket';
import { additive, defaultConfig, openSession, type ProtocolConfig, serveDealer } from '@tacit/mpc';
import { compileKernels, Ring } from '@tacit/ring';
import { Party } from '@tacit/tensor';

export type TransportKind = 'threads' | 'ws';

export interface GroupOptions {
  readonly transport: TransportKind;
  readonly parties: number;
  /** What a party does; `transport` is its own, to break off. */
  readonly program: (party: Party, transport: Transport) => Promise<unknown>;
  /** Runs instead of the dealer. */
  readonly dealer?: (comm: Communicator, ring: Ring, transport: Transport) => Promise<unknown>;
  readonly config?: (rank: number) => Partial<ProtocolConfig>;
  readonly wrap?: (transport: Transport) => Transport;
  readonly timeoutMs?: number;
}

export type Failure = Error & { code?: string; rank?: number; remoteCode?: string };

export interface Ending {
  readonly value?: unknown;
  readonly error?: Failure;
  /** From the start. */
  readonly ms: number;
}

const compiled = compileKernels();

/** How parties (by rank) and dealer (last) ended. */
export async function runGroup(options: GroupOptions): Promise<Ending[]> {
  const { parties, program, timeoutMs = 20_000, config = () => ({}), wrap = (t: Transport) => t } = options;
  const size = parties + 1;
  const names = Array.from({ length: size }, (_, rank) => (rank < parties ? `party ${rank}` : 'the dealer'));
  const { transports, close } = await connect(options.transport, size);
  const wrapped = transports.map(wrap);
  const comms = wrapped.map((transport) => new Communicator(transport, { timeoutMs, names }));
  const rings = await Promise.all(comms.map(async () => Ring.load({ module: await compiled })));
  const began = performance.now();
  const member = async (rank: number): Promise<unknown> => {
    const full = { ...defaultConfig, ...config(rank) };
    const [comm, ring] = [comms[rank], rings[rank]];
    if (rank < parties) {
      const { session } = await openSession({ comm, ring, suite: additive(), config: full });
      try {
        const result = await program(new Party(session), wrapped[rank]);
        await session.finish();
        return result;
      } catch (error) {
        // As a launched party does: what ends it ends the others.
        comm.abort(error as Error);
        throw error;
      }
    }
    if (options.dealer) return options.dealer(comm, ring, wrapped[rank]);
    const dealer = await serveDealer(comm, ring, parties, full);
    return new Promise((_, reject) => {
      comm.onAbort(reject);
      ended.then(() => dealer.stop());
    });
  };
  const endings = names.map(async (_, rank): Promise<Ending> => {
    try {
      return { value: await member(rank), ms: performance.now() - began };
    } catch (error) {
      return { error: error as Failure, ms: performance.now() - began };
    }
  });
  const ended = Promise.all(endings.slice(0, parties));
  const atParties = await ended;
  const dealer = await Promise.race([
    endings[parties],
    new Promise<Ending>((resolve) => setTimeout(resolve, 50, { ms: performance.now() - began })),
  ]);
  await Promise.all(comms.map((comm) => comm.close()));
  await close();
  return [...atParties, dealer];
}

interface Connected {
  readonly transports: Transport[];
  close(): Promise<unknown>;
}

async function connect(kind: TransportKind, size: number): Promise<Connected> {
  if (kind === 'threads')
    return { transports: createThreadGroup(size).map(threadTransport), close: () => Promise.resolve() };
  const hubs = await Promise.all(Array.from({ length: size }, () => listen({ host: '127.0.0.1' })));
  const addresses = hubs.map((hub) => hub.address);
  const token = crypto.getRandomValues(new Uint8Array(32));
  const sessionId = crypto.randomUUID();
  const transports = await Promise.all(
    hubs.map((hub, rank) => webSocketTransport({ rank, size, hub, addresses, token, sessionId })),
  );
  return { transports, close: () => Promise.all(hubs.map((hub) => hub.close())) };
}

/** A transport that sends something else: `change` gives what goes out instead of an entry, or nothing. */
export class TamperedTransport implements Transport {
  readonly rank: number;
  readonly size: number;

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
