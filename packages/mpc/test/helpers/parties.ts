/** Runs a program at n parties and a dealer in one thread, on real transports. */
import {
  Communicator,
  createThreadGroup,
  DelayedTransport,
  type Transport,
  threadTransport,
} from '@tacit/comm';
import { compileKernels, Ring, type Words, WordsPool } from '@tacit/ring';
import {
  additive,
  defaultConfig,
  liveDealer,
  localDealer,
  type OperationStats,
  openSession,
  type ProtocolConfig,
  reveal,
  type Session,
  type Share,
  serveDealer,
  shareInput,
} from '../../src/index.js';

const compiled = compileKernels();
const rings: Ring[] = [];

export interface RunOptions {
  readonly config?: Partial<ProtocolConfig>;
  /** Settings of one member, over the common ones. */
  readonly configOf?: (rank: number) => Partial<ProtocolConfig>;
  /** A member of its own (default), or party 0. */
  readonly dealer?: 'separate' | 'first-party';
  /** Seed of random delays, other for every entry; none without it. Entries of different keys overtake each other. */
  readonly delays?: number;
  /** Puts something else between a member and its transport. */
  readonly wrap?: (transport: Transport) => Transport;
  readonly timeoutMs?: number;
}

export interface Outcome<T> {
  readonly results: T[];
  readonly sessions: Session[];
  readonly dealerBytes: number;
  /** Operations as they finished, by party. */
  readonly operations: OperationStats[][];
}

/** Kernels for so many members, common to all tests of a file. */
export async function loadRings(count: number): Promise<readonly Ring[]> {
  while (rings.length < count) rings.push(await Ring.load({ module: await compiled }));
  return rings;
}

export async function runParties<T>(
  parties: number,
  program: (session: Session) => Promise<T> | T,
  options: RunOptions = {},
): Promise<Outcome<T>> {
  const dealer = options.dealer ?? 'separate';
  const configOf = (rank: number): ProtocolConfig => ({
    ...defaultConfig,
    ...options.config,
    ...options.configOf?.(rank),
  });
  const size = dealer === 'separate' ? parties + 1 : parties;
  await loadRings(size);
  const comms = createThreadGroup(size).map((endpoint) => {
    const transport = threadTransport(endpoint);
    const { delays: seed, wrap } = options;
    const delayed =
      seed === undefined ? transport : new DelayedTransport(transport, { jitterMs: 4, reorder: true, seed });
    return new Communicator(wrap?.(delayed) ?? delayed, { timeoutMs: options.timeoutMs ?? 20_000 });
  });
  const operations: OperationStats[][] = Array.from({ length: parties }, () => []);
  const sessions: Session[] = new Array(parties);
  try {
    const serving =
      dealer === 'separate'
        ? serveDealer(comms[parties], rings[parties], parties, configOf(parties))
        : undefined;
    serving?.catch(() => {});
    const settled = await Promise.allSettled(
      Array.from({ length: parties }, async (_, rank) => {
        const { session } = await openSession({
          comm: comms[rank],
          ring: rings[rank],
          suite: additive({ randomness: dealer === 'separate' ? liveDealer() : localDealer() }),
          config: configOf(rank),
          pool: new WordsPool({ ring: rings[rank], poison: true }),
          onOperation: (stats) => operations[rank].push(stats),
        });
        sessions[rank] = session;
        const result = await program(session);
        await session.finish();
        return result;
      }),
    );
    const engine = await serving?.catch(() => undefined);
    const failed = settled.find((s) => s.status === 'rejected');
    if (failed?.status === 'rejected') {
      const errors = settled.map((s) => (s.status === 'rejected' ? s.reason : undefined));
      throw Object.assign(failed.reason, { all: errors });
    }
    engine?.stop();
    return {
      results: settled.map((s) => (s as PromiseFulfilledResult<T>).value),
      sessions,
      dealerBytes: engine?.stats.bytes ?? 0,
      operations,
    };
  } finally {
    await Promise.all(comms.map((c) => c.close()));
  }
}

export const words = (values: readonly bigint[]): Words =>
  BigUint64Array.from(values, (v) => BigInt.asUintN(64, v));
export const signed = (w: Words): bigint[] => Array.from(w, (v) => BigInt.asIntN(64, v));

/** Shares values of party `source`, applies f, reveals to all; the parties must agree. */
export async function compute(
  parties: number,
  inputs: readonly (readonly bigint[])[],
  f: (session: Session, ...x: Share[]) => Share,
  options: RunOptions = {},
): Promise<{ values: bigint[]; outcome: Outcome<Words> }> {
  const outcome = await runParties(
    parties,
    async (session) => {
      const shares = inputs.map((values, i) => {
        const source = i % parties;
        return shareInput(
          session,
          source,
          [values.length],
          session.rank === source ? words(values) : undefined,
        );
      });
      return (await reveal(session, f(session, ...shares))) as Words;
    },
    options,
  );
  const [first, ...others] = outcome.results.map(signed);
  for (const other of others)
    if (other.some((v, i) => v !== first[i])) throw new Error('the parties revealed different values');
  return { values: first, outcome };
}
