/** Shuffling and sorting: values, ties, lanes, sizes around powers of two; how often each order comes, and what is told. */
import { randomBits, randomInteger } from '@tacit/testing';
import { expect } from 'chai';
import { AdditiveEngine, costEngine, defaultConfig } from '../src/index.js';
import { reveal } from '../src/protocols/reveal.js';
import { shuffle } from '../src/protocols/shuffle.js';
import { sort } from '../src/protocols/sort.js';
import { PartyOp } from '../src/runtime/party-op.js';
import { Lists } from '../src/sorting/lists.js';
import { order } from '../src/sorting/ordering.js';
import { type OrderPlan, planOrder } from '../src/sorting/plan.js';
import type { Comparisons, Stages } from '../src/sorting/stages.js';
import {
  compute,
  failure,
  input,
  type RunOptions,
  runParties,
  sharedRings,
  signed,
} from './helpers/parties.js';

/** Values and places of the first elements of each lane, in order: the plain definition. */
function inOrder(lanes: readonly (readonly bigint[])[], keep: number, largest: boolean): bigint[][] {
  const sign = largest ? -1n : 1n;
  const places = lanes.map((lane) =>
    lane
      .map((_, i) => i)
      .sort((i, j) => (lane[i] === lane[j] ? i - j : sign * (lane[i] - lane[j]) < 0n ? -1 : 1))
      .slice(0, keep),
  );
  return [
    places.flatMap((own, lane) => own.map((i) => lanes[lane][i])),
    places.flatMap((own) => own.map(BigInt)),
  ];
}

async function sorted(
  parties: number,
  lanes: readonly (readonly bigint[])[],
  { keep = lanes[0].length, largest = false, bits }: { keep?: number; largest?: boolean; bits?: number } = {},
  options: RunOptions = {},
): Promise<bigint[][]> {
  const { results } = await runParties(
    parties,
    async (session) => {
      const x = input(session, lanes.flat()).reshaped([lanes.length, lanes[0].length]);
      const { values, indices } = sort(session, x, { keep, largest, bits });
      const told = await Promise.all([values, indices].map((share) => reveal(session, share)));
      return told.map((w) => signed(w ?? new BigUint64Array()));
    },
    options,
  );
  for (const result of results) expect(result).deep.equal(results[0]);
  return results[0];
}

const draw = (n: number, bits: number): bigint[] => Array.from({ length: n }, () => randomBits(bits));

describe('shuffle', () => {
  for (const parties of [2, 3, 5])
    it(`moves the rows of each lane, ${parties} parties, in as many rounds`, async () => {
      const [lanes, rows, width] = [3, 50, 2];
      const values = draw(lanes * rows * width, 64);
      const { values: moved, outcome } = await compute(parties, [values], (session, x) =>
        shuffle(session, x.reshaped([lanes, rows, width])),
      );
      const rowsOf = (all: readonly bigint[], lane: number) =>
        Array.from({ length: rows }, (_, i) =>
          all.slice((lane * rows + i) * width, (lane * rows + i + 1) * width).join(),
        );
      for (let lane = 0; lane < lanes; lane++) {
        expect(rowsOf(moved, lane)).not.deep.equal(rowsOf(values, lane));
        expect(rowsOf(moved, lane).sort()).deep.equal(rowsOf(values, lane).sort());
      }
      const [{ rounds }] = outcome.operations[0].filter(({ name }) => name === 'shuffle');
      expect(rounds).equal(parties);
    });

  it('leaves what has one order as it is, and refuses other shapes', async () => {
    for (const shape of [
      [1, 1, 3],
      [3, 1, 1],
    ])
      expect((await compute(2, [[1n, 2n, 3n]], (s, x) => shuffle(s, x.reshaped(shape)))).values).deep.equal([
        1n,
        2n,
        3n,
      ]);
    for (const shape of [
      [0, 3, 1],
      [2, 0, 1],
      [1, 3, 0],
    ])
      expect((await compute(2, [[]], (s, x) => shuffle(s, x.reshaped(shape)))).values).deep.equal([]);
    expect(await failure(compute(2, [[1n, 2n]], shuffle))).property('code', 'SHAPE');
  });

  it('comes to each order of three rows about as often, of every choice of the others', async () => {
    const lanes = 60_000;
    const values = Array.from({ length: 3 * lanes }, (_, i) => BigInt(i % 3));
    const { values: moved } = await compute(2, [values], (s, x) => shuffle(s, x.reshaped([lanes, 3, 1])));
    const counts = new Map<string, number>();
    for (let i = 0; i < moved.length; i += 3) {
      const order = moved.slice(i, i + 3).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).equal(6);
    // Beyond 8 standard deviations (91 each): less than once in 2^47.
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).below(8 * 91.3);
  });

  it('moves by the permutations of all parties: what the others know does not fix it', async () => {
    // The order that party j chose is changed alone; with it, and with nothing else, the result changes.
    const rows = 40;
    const values = Array.from({ length: rows }, (_, i) => BigInt(i));
    const seen = new Set<string>();
    for (let run = 0; run < 6; run++)
      seen.add((await compute(3, [values], (s, x) => shuffle(s, x.reshaped([1, rows, 1])))).values.join());
    expect(seen.size).equal(6);
  });
});

describe('sort', () => {
  for (const parties of [2, 3, 5])
    it(`orders numbers and their places, ${parties} parties`, async () => {
      for (const n of [1, 2, 3, 4, 7, 33]) {
        const lanes = [draw(n, 40), draw(n, 2), new Array<bigint>(n).fill(-3n)];
        for (const largest of [false, true])
          expect(await sorted(parties, lanes, { largest }), `${n}`).deep.equal(inOrder(lanes, n, largest));
      }
    });

  it('orders what is sorted already, the other way round, all equal; both ends of the range', async () => {
    const n = 64;
    const rising = Array.from({ length: n }, (_, i) => BigInt(i - 20));
    const top = (1n << 56n) - 1n; // 62 bits less those of the index
    const ends = Array.from({ length: n }, (_, i) => [top, -top, 0n, 1n, -1n][i % 5]);
    const lanes = [rising, [...rising].reverse(), rising.map(() => 5n), ends];
    for (const largest of [false, true])
      expect(await sorted(2, lanes, { largest })).deep.equal(inOrder(lanes, n, largest));
    expect(await sorted(2, [rising], { bits: 6 })).deep.equal(inOrder([rising], n, false));
  });

  it('finds the first of many, with delays', async () => {
    for (const [n, keep] of [
      [300, 3],
      [129, 1],
      [200, 200],
      [65, 64],
      [31, 0],
    ]) {
      const lanes = [draw(n, 30), draw(n, 3)];
      expect(await sorted(2, lanes, { keep, largest: true }, { delays: n }), `${keep} of ${n}`).deep.equal(
        inOrder(lanes, keep, true),
      );
    }
  });

  it('of nothing is nothing; what does not fit is refused', async () => {
    const of = (shape: number[], options = {}) =>
      compute(
        2,
        [new Array(shape.reduce((a, b) => a * b, 1)).fill(0n)],
        (s, x) => sort(s, x.reshaped(shape), options).indices,
      );
    for (const shape of [
      [0, 4],
      [3, 0],
      [0, 0],
    ])
      expect((await of(shape)).values).deep.equal([]);
    expect(await failure(of([4]))).property('code', 'SHAPE');
    for (const options of [{ keep: 5 }, { keep: -1 }, { keep: 1.5 }, { bits: 61 }, { bits: -1 }])
      expect(String(await failure(of([1, 4], options)))).match(/sort: /);
  });

  it('tells bits that are those of a random order, whatever the numbers are', async () => {
    // All pairs of three rows: of 3! orders each as often, also of equal numbers. A lane is an experiment.
    const lanes = 20_000;
    for (const triple of [
      [7n, 7n, 7n],
      [1n, 2n, 3n],
      [5n, 5n, -1n],
    ]) {
      const told: Uint32Array[] = [];
      const { revealBits } = PartyOp.prototype;
      PartyOp.prototype.revealBits = async function (name, produce) {
        const bits = await revealBits.call(this, name, produce);
        if (this.rank === 0) told.push(new Uint32Array(bits.slice().buffer));
        return bits;
      };
      try {
        await compute(
          2,
          [Array.from({ length: lanes }, () => triple).flat()],
          (s, x) => sort(s, x.reshaped([lanes, 3])).values,
        );
      } finally {
        PartyOp.prototype.revealBits = revealBits;
      }
      expect(told.length).equal(1);
      // One plane for each block of 8192 comparisons.
      const bit = (i: number) => (told[0][i >> 5] >> (i & 31)) & 1;
      const counts = new Uint32Array(8);
      for (let lane = 0; lane < lanes; lane++)
        counts[4 * bit(3 * lane) + 2 * bit(3 * lane + 1) + bit(3 * lane + 2)]++;
      const possible = [...counts].filter((count) => count > 0);
      expect(possible.length, `${triple}`).equal(6);
      // Beyond 8 standard deviations (53 each): less than once in 2^47.
      for (const count of possible) expect(Math.abs(count - lanes / 6), `${triple}`).below(8 * 53);
    }
  });

  it('costs what a session says that runs nothing', async () => {
    for (const parties of [2, 3]) {
      const program = (engine: AdditiveEngine) => {
        const x = engine.input(0, [2, 40], engine.rank === 0 ? new BigUint64Array(80) : undefined);
        return engine.sort(x, { keep: 7 }).indices;
      };
      const planned = costEngine((await sharedRings(1))[0], parties, defaultConfig);
      const { depth } = program(planned);
      const outcome = await runParties(parties, async (session) => {
        const indices = program(new AdditiveEngine(session));
        await indices.value;
        return indices.depth;
      });
      expect(outcome.results).deep.equal(outcome.results.map(() => depth));
      const sent = outcome.operations.flat().reduce((sum, { bytesSent }) => sum + bytesSent, 0);
      expect(planned.session.operations.reduce((sum, { bytes }) => sum + bytes, 0)).equal(sent);
      const dealt = planned.session.operations.reduce((sum, { dealerBytes }) => sum + dealerBytes, 0);
      expect(outcome.dealerBytes).equal(dealt);
    }
  });
});

/** Carries stages out on numbers in the clear, and counts. */
class PlainStages implements Stages {
  stages = 0;
  comparisons = 0;
  constructor(readonly keys: readonly number[]) {}
  afterwards(work: () => void): void {
    work();
  }
  compare(parts: readonly Comparisons[]): void {
    this.stages++;
    for (const part of parts) {
      const [left, right] = [new Int32Array(part.count), new Int32Array(part.count)];
      part.pairs(0, left, right, 0);
      part.told(
        0,
        Uint8Array.from(left, (row, i) => (this.keys[row] < this.keys[right[i]] ? 1 : 0)),
        0,
      );
      this.comparisons += part.count;
    }
  }
}

describe('plans of orders', () => {
  const keysOf = (n: number) => {
    const keys = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = randomInteger(i + 1);
      [keys[i], keys[j]] = [keys[j], keys[i]];
    }
    return keys;
  };
  const carriedOut = (n: number, keep: number, plan: OrderPlan) => {
    const stages = new PlainStages(keysOf(n));
    const found = order(stages, Lists.all(1, n), keep, plan);
    expect(Array.from(found.at.subarray(0, keep), (row) => stages.keys[row])).deep.equal(
      Array.from({ length: keep }, (_, i) => i),
    );
    return stages;
  };

  it('find the first rows of every number of rows', () => {
    for (let n = 1; n < 140; n++)
      for (const keep of [1, 2, 5, n >> 1, n - 1, n])
        if (keep >= 1 && keep <= n) carriedOut(n, keep, planOrder(1, n, keep));
    for (const n of [255, 257, 1000]) for (const keep of [3, n]) carriedOut(n, keep, planOrder(1, n, keep));
  });

  it('of all kinds find them', () => {
    for (let i = 0; i < 300; i++) {
      const n = 2 + randomInteger(90);
      const keep = 1 + randomInteger(n);
      const merges = [0, 1, 2, 3, 4, 5, 6, 7].map(() => ({
        lists: 2 + randomInteger(6),
        steps: 1 + randomInteger(4),
      }));
      const merge = { kind: 'merge', groups: 1 + randomInteger(n), merges } as const;
      carriedOut(n, keep, merge);
      const size = 1 + randomInteger(n);
      carriedOut(n, keep, { kind: 'select', size, groups: { kind: 'pairs' }, rest: { kind: 'pairs' } });
    }
  });

  it('of 1,024 rows, and of the first 10 of 10,000, take few rounds and comparisons', () => {
    const all = carriedOut(1024, 1024, planOrder(1, 1024, 1024));
    expect(2 + 4 * all.stages).most(30);
    expect(all.comparisons).below(100_000);
    const few = carriedOut(10_000, 10, planOrder(1, 10_000, 10));
    expect(2 + 4 * few.stages).most(30);
    expect(few.comparisons).below(60_000);
    carriedOut(3000, 2, planOrder(1, 3000, 2));
  });
});
