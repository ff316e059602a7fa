/** Tapes in memory, and parties in this thread that compute on any source of randomness. */
import { Communicator, createThreadGroup, threadTransport } from '@tacit/comm';
import { WordsPool } from '@tacit/ring';
import { randomBytes, sharedRings } from '@tacit/testing';
import {
  additive,
  dealTape,
  type Engine,
  openSession,
  type ProtocolConfig,
  type RandomnessSource,
  type SpentTape,
  serveDealer,
  type TapePlan,
  tableOf,
} from '../../src/index.js';

/** How each party ended, given its own source. */
export async function run<T>(
  parties: number,
  source: (rank: number) => RandomnessSource,
  work: (engine: Engine) => Promise<T>,
  config: ProtocolConfig,
): Promise<PromiseSettledResult<T>[]> {
  const members = parties + source(0).members;
  const rings = await sharedRings(members);
  const comms = createThreadGroup(members).map((endpoint) => new Communicator(threadTransport(endpoint)));
  const dealer = comms[parties] && serveDealer(comms[parties], rings[parties], parties, config);
  const ends = await Promise.allSettled(
    Array.from({ length: parties }, async (_, rank) => {
      const [comm, ring] = [comms[rank], rings[rank]];
      try {
        const suite = additive({ randomness: source(rank) });
        const pool = new WordsPool({ ring, poison: true });
        return await work(await openSession({ comm, ring, suite, pool, config }));
      } catch (error) {
        comm.abort(error as Error);
        throw error;
      }
    }),
  );
  (await dealer?.catch(() => undefined))?.stop();
  await Promise.all(comms.map((comm) => comm.close()));
  return ends;
}

/** Tapes in memory, by rank. */
export async function dealt(
  plan: TapePlan,
  seeds = Array.from({ length: plan.parties }, () => randomBytes(32)),
) {
  const [ring] = await sharedRings(1);
  const pieces: Uint8Array[] = [];
  await dealTape({ ring, plan, seeds, write: (bytes) => void pieces.push(bytes.slice()) });
  const all = Buffer.concat(pieces);
  const table = tableOf(plan);
  const read = async (offset: number, into: Uint8Array) =>
    into.set(all.subarray(offset, offset + into.length));
  return seeds.map(
    (seed, rank): SpentTape => (rank < plan.parties - 1 ? { seed } : { seed, corrections: { table, read } }),
  );
}
