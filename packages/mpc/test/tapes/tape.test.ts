/** Tapes: what is dealt ahead for a plan is what a live dealer would send, and serves the program once. */
import { randomBytes, sharedRings } from '@tacit/testing';
import { expect } from 'chai';
import {
  type CorrelatedRandomness,
  costEngine,
  dealTape,
  defaultConfig,
  type Engine,
  encodePlan,
  encodeTable,
  liveDealer,
  type PlannedOperation,
  parsePlan,
  parseTable,
  planHash,
  type RandomnessSource,
  recording,
  type TapeEntry,
  type TapePlan,
  tableOf,
  tapeRandomness,
} from '../../src/index.js';
import { signed, words } from '../helpers/parties.js';
import { dealt, run as runOn } from '../helpers/tapes.js';

/** Exact truncations: the same outputs whatever the shares are. A small chunk: operations are cut. */
const config = { ...defaultConfig, truncation: 'exact' as const, chunk: 8192 };
const N = 20_000;
const values = (factor: bigint): BigUint64Array =>
  words(Array.from({ length: N }, (_, i) => (BigInt(i) - 9000n) * factor));

/** Products, comparisons in chunks, a scope, a product that is one piece. */
async function program(engine: Engine, more = 0): Promise<bigint[]> {
  const x = engine.input(0, [N], engine.rank === 0 ? values(1n << 10n) : undefined);
  const y = engine.input(1, [N], engine.rank === 1 ? values(3n) : undefined);
  const positive = engine.scope('relu', () => engine.relu(x).y, { last: true });
  let z = engine.multiply(engine.prepare(positive), engine.prepare(y), 16 + engine.productExtraBits);
  for (let i = 0; i < more; i++) z = engine.relu(z).y;
  const told = await engine.reveal(z);
  await engine.finish();
  return signed(told ?? words([]));
}

const run = <T>(
  parties: number,
  source: (rank: number) => RandomnessSource,
  work: (engine: Engine) => Promise<T>,
) => runOn(parties, source, work, config);

const resultsOf = <T>(ends: PromiseSettledResult<T>[]): T[] =>
  ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });

/** The plan of the program, by a dry run. */
async function planOf(parties: number, more = 0): Promise<TapePlan> {
  const [ring] = await sharedRings(1);
  const engine = costEngine(ring, parties, config);
  void program(engine, more).catch(() => {});
  return { parties, config, operations: engine.session.dealt };
}

for (const parties of [2, 3])
  describe(`tapes, ${parties} parties`, () => {
    it('hold what a live dealer sends for the same seeds, and give the same results', async () => {
      const operations: PlannedOperation[][] = Array.from({ length: parties }, () => []);
      const seeds: Uint8Array[] = new Array(parties);
      const sent = new Map<string, Uint8Array>();
      const spied = (rank: number): RandomnessSource => ({
        ...liveDealer(),
        async open(context): Promise<CorrelatedRandomness> {
          const inner = await recording(liveDealer(), (o) => operations[rank].push(o)).open(context);
          seeds[rank] = inner.seed;
          return {
            seed: inner.seed,
            announce: (operation, queue) => inner.announce(operation, queue),
            async take(key, bytes) {
              const corrections = await inner.take(key, bytes);
              sent.set(key, corrections.slice());
              return corrections;
            },
            used: (corrections) => inner.used(corrections),
          };
        },
      });
      const live = resultsOf(await run(parties, spied, program));
      const plan = await planOf(parties);
      for (const own of operations) expect(own).deep.equal(plan.operations);

      const tapes = await dealt(plan, seeds);
      const { corrections } = tapes[parties - 1];
      let offset = 0;
      for (const { key, bytes, chunkBytes } of corrections?.table ?? []) {
        for (let at = 0, chunk = 0; at < bytes; at += chunkBytes, chunk++) {
          const wanted = sent.get(bytes > chunkBytes ? `${key}.${chunk}` : key) as Uint8Array;
          const got = new Uint8Array(wanted.length);
          await corrections?.read(offset + at, got);
          expect(Buffer.compare(got, wanted), `${key}.${chunk}`).equal(0);
          sent.delete(bytes > chunkBytes ? `${key}.${chunk}` : key);
        }
        offset += bytes;
      }
      expect(sent.size).equal(0);

      const played = resultsOf(
        await run(parties, (rank) => tapeRandomness(async () => tapes[rank]), program),
      );
      expect(played).deep.equal(live);
    });

    it('are refused by a program that they were not made for, and where they end', async () => {
      const codes = async (plan: TapePlan, work: (engine: Engine) => Promise<unknown>) => {
        const tapes = await dealt(plan);
        const ends = await run(parties, (rank) => tapeRandomness(async () => tapes[rank]), work);
        return ends.map((end) => (end.status === 'rejected' ? end.reason.code : undefined));
      };
      const others = (code: string) => [...new Array(parties - 1).fill('PEER_ABORTED'), code];
      const plan = await planOf(parties, 1);
      expect(await codes(plan, (engine) => program(engine, 2))).deep.equal(others('TAPE_EXHAUSTED'));
      const shorter = { ...plan, operations: plan.operations.slice(1) };
      expect(await codes(shorter, (engine) => program(engine, 1))).deep.equal(others('TAPE_PLAN'));
      const [first, ...rest] = plan.operations;
      const changed = { ...first, descriptor: first.descriptor.replace(`"n":${N}`, `"n":${N - 1}`) };
      const other = { ...plan, operations: [changed, ...rest] };
      expect(await codes(other, (engine) => program(engine, 1))).deep.equal(others('TAPE_PLAN'));
      // A program that ends before its tape is fine.
      expect(await codes(plan, (engine) => program(engine))).deep.equal(new Array(parties).fill(undefined));
    });
  });

describe('plans and tables of tapes', () => {
  it('are written and read', async () => {
    const plan = await planOf(3);
    const read = parsePlan(encodePlan(plan));
    expect(read.operations).deep.equal(plan.operations);
    expect(planHash(read)).equal(planHash(plan));
    const table = tableOf(plan);
    const bytes = table.reduce((sum, entry) => sum + entry.bytes, 0);
    expect(parseTable(encodeTable(table), bytes)).deep.equal(table);
    expect(() => parseTable(encodeTable(table), bytes + 8))
      .throw('lengths')
      .with.property('code', 'TAPE_FORMAT');
    expect(() => parseTable(encodeTable(table).subarray(1), bytes)).throw('cut off');
    const twice: TapeEntry[] = [table[0], table[0]];
    expect(() => parseTable(encodeTable(twice), 2 * table[0].bytes)).throw('twice');
    expect(tableOf({ ...plan, operations: [] })).deep.equal([]);
  });

  it('have another name for other settings, parties and operations', async () => {
    const plan = await planOf(2);
    const [first, ...rest] = plan.operations;
    const others = [
      plan,
      { ...plan, parties: 3 },
      { ...plan, config: { ...config, prgRounds: 20 as const } },
      { ...plan, operations: rest },
      { ...plan, operations: [...rest, first] },
      { ...plan, operations: [{ ...first, index: first.index + 1 }, ...rest] },
    ];
    expect(new Set(others.map(planHash)).size).equal(others.length);
  });

  it('are refused where they make no sense', async () => {
    const plan = await planOf(2);
    const text = encodePlan(plan);
    const refuse = (changed: string, what: string) =>
      expect(() => parsePlan(changed))
        .throw(what)
        .with.property('code', 'TAPE_PLAN_FORMAT');
    refuse('', 'not JSON');
    refuse('null', 'format');
    refuse(text.replace('plan/1', 'plan/2'), 'format');
    refuse(text.replace('"parties":2', '"parties":1'), '2 to 64');
    refuse(text.replace('"window":64', '"window":65'), 'window');
    refuse(text.replace('"window":64', '"windows":64'), 'settings');
    refuse(text.replace(/"operations":.*/s, '"operations":[["x",0,"{}"]]}'), 'operation 0');
    refuse(text.replace(/"operations":.*/s, '"operations":[["",1,"{}"],["",1,"{}"]]}'), 'operation 1');
    const nonsense = {
      ...plan,
      operations: [{ scope: '', index: 0, descriptor: '{"kind":"bananas","n":1}' }],
    };
    expect(() => tableOf(nonsense))
      .throw('bananas')
      .with.property('code', 'DEALER_REQUEST');
    const [ring] = await sharedRings(1);
    const seeds = [randomBytes(32), randomBytes(32)];
    const failing = await dealTape({ ring, plan: nonsense, seeds, write() {} }).catch((error) => error);
    expect(failing.code).equal('DEALER_REQUEST');
    const full = await dealTape({
      ring,
      plan,
      seeds,
      write() {
        throw new Error('disk full');
      },
    }).catch((error) => error);
    expect(full.message).equal('disk full');
  });
});
