/** Correlated randomness from outside of a session: what was dealt before serves the same program, without a dealer. */
import { Communicator, createThreadGroup, threadTransport } from '@tacit/comm';
import { WordsPool } from '@tacit/ring';
import { expect } from 'chai';
import {
  additive,
  defaultConfig,
  type Engine,
  liveDealer,
  openSession,
  type RandomnessSource,
  serveDealer,
} from '../src/index.js';
import { sharedRings, signed, words } from './helpers/parties.js';

/** All that a party was given, in a first run. */
interface Tape {
  seed: Uint8Array;
  readonly announced: string[];
  readonly corrections: Map<string, Uint8Array>;
}

const recorded = (tape: Tape): RandomnessSource => ({
  ...liveDealer(),
  async open(context) {
    const live = await liveDealer().open(context);
    tape.seed = live.seed;
    return {
      seed: live.seed,
      announce(operation, queue) {
        tape.announced.push(operation.descriptor);
        live.announce(operation, queue);
      },
      async take(key, bytes) {
        const corrections = await live.take(key, bytes);
        tape.corrections.set(key, corrections.slice());
        return corrections;
      },
      used: (corrections) => live.used(corrections),
    };
  },
});

/** A test may use a tape twice; nothing else may: two secrets under one mask tell their difference. */
const replayed = ({ seed, announced, corrections }: Tape): RandomnessSource => ({
  name: 'replayed',
  members: 0,
  open: async () => ({
    seed,
    announce: ({ descriptor }) => expect(descriptor).equal(announced.shift()),
    take: async (key) => corrections.get(key)?.slice() ?? new Uint8Array(0),
    used: () => {},
  }),
});

async function program(engine: Engine): Promise<bigint[]> {
  const x = engine.input(0, [3], engine.rank === 0 ? words([1n << 20n, -(1n << 21n), 5n]) : undefined);
  const y = engine.input(1, [3], engine.rank === 1 ? words([3n << 16n, 1n << 18n, -7n]) : undefined);
  const product = engine.multiply(engine.prepare(x), engine.prepare(y), 16 + engine.productExtraBits);
  const told = await engine.reveal(engine.relu(product).y);
  await engine.finish();
  return signed(told ?? words([]));
}

for (const parties of [2, 3])
  describe(`correlated randomness, ${parties} parties`, () => {
    it('may come from what was dealt before', async () => {
      const rings = await sharedRings(parties + 1);
      const run = async (members: number, source: (rank: number) => RandomnessSource) => {
        const comms = createThreadGroup(members).map(
          (endpoint) => new Communicator(threadTransport(endpoint)),
        );
        const ranks = Array.from({ length: parties }, (_, rank) => rank);
        const dealer = comms[parties] && serveDealer(comms[parties], rings[parties], parties, defaultConfig);
        const results = await Promise.all(
          ranks.map(async (rank) => {
            const pool = new WordsPool({ ring: rings[rank], poison: true });
            const suite = additive({ randomness: source(rank) });
            return program(await openSession({ comm: comms[rank], ring: rings[rank], suite, pool }));
          }),
        );
        (await dealer)?.stop();
        await Promise.all(comms.map((comm) => comm.close()));
        return results;
      };
      const tapes = Array.from(
        { length: parties },
        (): Tape => ({ seed: new Uint8Array(0), announced: [], corrections: new Map() }),
      );
      const wanted = [3n << 20n, 0n, 0n];
      for (const values of await run(parties + 1, (rank) => recorded(tapes[rank])))
        expect(values).deep.equal(wanted);
      expect(tapes.map(({ corrections }) => corrections.size > 0)).deep.equal(
        tapes.map((_, rank) => rank === parties - 1),
      );
      for (const values of await run(parties, (rank) => replayed(tapes[rank])))
        expect(values).deep.equal(wanted);
    });
  });
