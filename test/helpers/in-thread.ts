/** Runs a program at n parties and a dealer in this thread: for tests of what does not depend on where parties run. */
import { Communicator, createThreadGroup, type Transport, threadTransport } from '@tacit/comm';
import {
  additive,
  defaultConfig,
  type OperationStats,
  openSession,
  type ProtocolConfig,
  serveDealer,
} from '@tacit/mpc';
import { compileKernels, Ring } from '@tacit/ring';
import { Party } from '@tacit/tensor';

const compiled = compileKernels();
const rings: Ring[] = [];

export interface InThreadOutcome<T> {
  readonly results: T[];
  readonly parties: Party[];
  readonly dealerBytes: number;
  readonly operations: OperationStats[][];
}

export async function inThread<T>(
  worldSize: number,
  program: (party: Party) => Promise<T>,
  config: Partial<ProtocolConfig> = {},
  wrap: (transport: Transport) => Transport = (transport) => transport,
): Promise<InThreadOutcome<T>> {
  while (rings.length <= worldSize) rings.push(await Ring.load({ module: await compiled }));
  const full = { ...defaultConfig, ...config };
  const comms = createThreadGroup(worldSize + 1).map(
    (endpoint) => new Communicator(wrap(threadTransport(endpoint)), { timeoutMs: 30_000 }),
  );
  const operations: OperationStats[][] = Array.from({ length: worldSize }, () => []);
  const parties: Party[] = new Array(worldSize);
  try {
    const dealer = serveDealer(comms[worldSize], rings[worldSize], worldSize, full);
    const results = await Promise.all(
      Array.from({ length: worldSize }, async (_, rank) => {
        const { session } = await openSession({
          comm: comms[rank],
          ring: rings[rank],
          suite: additive(),
          config: full,
          onOperation: (stats) => operations[rank].push(stats),
        });
        parties[rank] = new Party(session);
        const result = await program(parties[rank]);
        await session.finish();
        return result;
      }),
    );
    return { results, parties, dealerBytes: (await dealer).stats.bytes, operations };
  } finally {
    await Promise.all(comms.map((c) => c.close()));
  }
}
