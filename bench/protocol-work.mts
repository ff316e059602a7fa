// npx tsx --conditions=@tacit/source bench/protocol-work.mts: processor time of each protocol at a party and at the dealer, two
// parties and 131,072 elements, beside what packages/launch/src/explain/rates.ts says for the rates of this machine. Its
// factors come from here.
import {
  costEngine,
  defaultConfig,
  type LiveSession,
  type Session,
  type Share,
  serveDealer,
} from '@tacit/mpc';
import { countingRing } from '@tacit/nn';
import { simulate } from '@tacit/testing';
import { measureRates } from '../packages/launch/src/explain/measure-rates.js';
import { Work } from '../packages/launch/src/explain/rates.js';
import { shareInput } from '../packages/mpc/src/protocols/input.js';
import { protocols } from '../packages/mpc/src/protocols/registry.js';
import { table } from './lib/measure.mjs';

const N = 131_072;
const PARTIES = 2;
const [WARM_UPS, REPETITIONS] = [2, 5];
const drop = { f: 16, l: 62 };

const operands = (session: Session): { x: Share; y: Share; drop: typeof drop } => {
  const owned = (rank: number, value: bigint) =>
    shareInput(session, rank, [N], session.rank === rank ? new BigUint64Array(N).fill(value) : undefined);
  return { x: owned(0, 3n << 10n), y: owned(1, 5n << 10n), drop };
};

/** Milliseconds of processor time of one run, at a party and at the dealer. */
async function measure(example: (session: Session, given: ReturnType<typeof operands>) => Share) {
  let dealer: Awaited<ReturnType<typeof serveDealer>> | undefined;
  let [used, dealt] = [0, 0];
  const cpu = () => process.cpuUsage().user / 1000;
  const options = {
    parties: PARTIES,
    poison: false,
    timeoutMs: 60_000,
    dealer: async (...[comm, ring]: Parameters<typeof serveDealer>) => {
      dealer = await serveDealer(comm, ring, PARTIES, defaultConfig);
      await new Promise<void>((resolve) => comm.onAbort(() => resolve()));
    },
  };
  await simulate(options, async (session: LiveSession) => {
    for (let i = 0; i < WARM_UPS + REPETITIONS; i++) {
      if (i === WARM_UPS && session.rank === 0) [used, dealt] = [cpu(), dealer?.stats.ms ?? 0];
      const given = operands(session);
      const z = example(session, given);
      await z.value;
      await session.announce(0, new Uint8Array(1));
      await session.announce(1, new Uint8Array(1));
      for (const share of [given.x, given.y, z]) share.dispose();
    }
    if (session.rank !== 0) return;
    [used, dealt] = [(cpu() - used) / REPETITIONS, ((dealer?.stats.ms ?? 0) - dealt) / REPETITIONS];
  });
  return { party: (used - dealt) / PARTIES, dealer: dealt };
}

const work = new Work(await measureRates());
const base = (await measure((_, { x }) => x)).party;
const rows = [];
for (const { kind, examples } of protocols)
  for (const [name, example] of Object.entries(examples)) {
    const engine = costEngine(countingRing, PARTIES, defaultConfig);
    example(engine.session, operands(engine.session));
    const costs = engine.session.operations.filter((cost) => cost.kind !== 'input');
    const said = (of: (cost: (typeof costs)[number]) => number) =>
      costs.reduce((sum, cost) => sum + of(cost), 0);
    const measured = await measure(example);
    const [party, dealer] = [said((cost) => work.party(cost)), said((cost) => work.dealer(cost, PARTIES))];
    rows.push({
      protocol: `${kind}: ${name}`,
      'party ms': measured.party - base,
      said: party,
      ratio: party / (measured.party - base),
      'dealer ms': measured.dealer,
      'said of it': dealer,
      'ratio of it': dealer / measured.dealer,
    });
  }
console.log(table(rows));
process.exit(0);
