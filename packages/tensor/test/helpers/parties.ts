/** Runs a tensor program at n parties and a dealer in one thread, on real transports. */
import { Communicator, createThreadGroup, DelayedTransport, threadTransport } from '@tacit/comm';
import { additive, defaultConfig, openSession, type ProtocolConfig, serveDealer } from '@tacit/mpc';
import { compileKernels, Ring, WordsPool } from '@tacit/ring';
import { type CrypTensor, Party, type Plain, type PlainInput } from '../../src/index.js';

const compiled = compileKernels();
const rings: Ring[] = [];

export interface RunOptions {
  readonly config?: Partial<ProtocolConfig>;
  /** Seed of random delays, other for every entry; none without it. Entries of different keys overtake each other. */
  readonly delays?: number;
}

/** What the program returned at each party, in order. */
export async function runParties<T>(
  parties: number,
  program: (party: Party) => Promise<T>,
  options: RunOptions = {},
): Promise<T[]> {
  const config = { ...defaultConfig, ...options.config };
  while (rings.length <= parties) rings.push(await Ring.load({ module: await compiled }));
  const comms = createThreadGroup(parties + 1).map((endpoint) => {
    const transport = threadTransport(endpoint);
    const delayed =
      options.delays === undefined
        ? transport
        : new DelayedTransport(transport, { jitterMs: 4, reorder: true, seed: options.delays });
    return new Communicator(delayed, { timeoutMs: 20_000 });
  });
  try {
    const serving = serveDealer(comms[parties], rings[parties], parties, config);
    serving.catch(() => {}); // the parties fail as well, and say why
    const settled = await Promise.allSettled(
      Array.from({ length: parties }, async (_, rank) => {
        const { session } = await openSession({
          comm: comms[rank],
          ring: rings[rank],
          suite: additive(),
          config,
          pool: new WordsPool({ ring: rings[rank], poison: true }),
        });
        const result = await program(new Party(session));
        await session.finish();
        return result;
      }),
    );
    for (const s of settled) if (s.status === 'rejected') throw s.reason;
    (await serving).stop();
    return settled.map((s) => (s as PromiseFulfilledResult<Awaited<T>>).value);
  } finally {
    await Promise.all(comms.map((c) => c.close()));
  }
}

export interface Evaluated extends Plain {
  /** Rounds to the result, before it is revealed. */
  readonly rounds: number;
}

/** Shares the inputs (owned in turn), applies f and reveals the result; the parties must agree. */
export async function evaluate(
  parties: number,
  inputs: readonly PlainInput[],
  f: (...x: CrypTensor[]) => CrypTensor,
  options?: RunOptions,
): Promise<Evaluated> {
  const results = await runParties(
    parties,
    async (party) => {
      const y = f(...inputs.map((values, i) => party.cryptensor(values, { src: i % parties })));
      const { rounds } = y;
      const plain = await y.revealFloat64();
      if (!plain) throw new Error('a value revealed to all was not received');
      return { ...plain, rounds };
    },
    options,
  );
  const [first, ...others] = results;
  for (const other of others)
    if (`${other.shape}/${other.data}` !== `${first.shape}/${first.data}`)
      throw new Error('the parties revealed different values');
  return first;
}
