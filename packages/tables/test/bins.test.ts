import { expect } from 'chai';
import fc from 'fast-check';
import { obstruction, planBins } from '../src/linkage/bin-plan.js';
import { hashKey } from '../src/linkage/hashed-keys.js';
import { readKeys } from '../src/linkage/keys.js';
import { placeCandidates, placeRows } from '../src/linkage/placement.js';

const salt = Uint8Array.from({ length: 32 }, (_, i) => i);

describe('bins of a linkage', () => {
  it('are chosen by sizes alone, and never cost more than comparing all', () => {
    for (const n of [0, 1, 2, 3, 10, 100, 1000, 20_000])
      for (const m of [0, 1, 2, 3, 10, 100, 1000, 20_000]) {
        const { bins, capacity } = planBins(n, m);
        expect(bins).least(n);
        expect(bins * capacity, `${n} and ${m}`).most(n * m);
      }
    const { bins, capacity } = planBins(1000, 1000);
    expect(bins * capacity).equal(34_608);
  });

  it('bound the chance that rows do not fit', () => {
    // Four rows and three bins of the same three: one way to choose a triple for each row.
    expect(Math.exp(obstruction(4, 4))).closeTo(4 * (1 / 4) ** 4, 1e-9);
    expect(obstruction(3, 3)).equal(-Infinity);
    for (const n of [100, 1000, 20_000]) expect(obstruction(n, planBins(n, n).bins)).most(-41 * Math.LN2);
  });

  it('hold each row once, in a bin of its key, and each candidate in all three of its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 300 }), fc.integer(), (n, seed) => {
        const plan = planBins(n, n);
        if (plan.kind !== 'hashed') return;
        const keys = Array.from({ length: n }, (_, i) =>
          hashKey(salt, `${seed}/${i}`, { bits: 62, bins: plan.bins, choices: 3 }),
        );
        for (const { bins } of keys) expect(new Set(bins)).property('size').equal(3);
        const rowIn = placeRows(keys, plan.bins);
        const placed = [...rowIn].filter((row) => row >= 0).sort((a, b) => a - b);
        expect(placed).deep.equal([...keys.keys()]);
        rowIn.forEach((row, bin) => {
          if (row >= 0) expect(keys[row].bins).include(bin);
        });
        const slots = placeCandidates(keys, plan);
        const found = keys.map((): number[] => []);
        slots.forEach((row, slot) => {
          if (row >= 0) found[row].push(Math.floor(slot / plan.capacity));
        });
        expect(found).deep.equal(keys.map(({ bins }) => bins));
      }),
      { numRuns: 10 },
    );
  });

  it('move rows on where that is the only way, and say where there is none', () => {
    const key = (...bins: number[]) => ({ word: 0n, bins });
    const rows = placeRows([key(0, 1, 2), key(0, 1, 2), key(0, 1, 2), key(0, 3, 4), key(0, 3, 4)], 5);
    expect([...rows].sort()).deep.equal([0, 1, 2, 3, 4]);
    expect(() =>
      placeRows(
        [0, 1, 2, 3].map(() => key(0, 1, 2)),
        9,
      ),
    ).throw('no place');
    expect(() =>
      placeCandidates([key(0, 1, 2), key(0, 1, 2)], { kind: 'hashed', bins: 3, capacity: 1 }),
    ).throw('no room');
  });

  it('are drawn evenly, and hashes have all their bits', () => {
    const counts = new Array<number>(5).fill(0);
    let ones = 0n;
    let zeros = 0n;
    for (let i = 0; i < 2000; i++) {
      const { word, bins } = hashKey(salt, `${i}`, { bits: 62, bins: 5, choices: 3 });
      for (const bin of bins) counts[bin]++;
      ones |= word;
      zeros |= ~word;
    }
    for (const count of counts) expect(count).within(1050, 1350);
    expect(ones).equal(2n ** 62n - 1n);
    expect(BigInt.asUintN(62, zeros)).equal(2n ** 62n - 1n);
  });

  it('depend on the salt', () => {
    const options = { bits: 62, bins: 100, choices: 3 };
    const one = hashKey(salt, 'key', options);
    expect(hashKey(salt, 'key', options)).deep.equal(one);
    expect(
      hashKey(
        salt.map((b) => b ^ 1),
        'key',
        options,
      ).word,
    ).not.equal(one.word);
  });
});

describe('keys', () => {
  it('are told apart by their parts', () => {
    const { kinds, texts } = readKeys([
      ['a', 1],
      ['a', 2],
      ['a,1', 1],
    ]);
    expect(kinds).deep.equal(['text', 'number']);
    expect(new Set(texts)).property('size').equal(3);
  });
});
