/** What leaves a party: fresh masks, uniform openings, no private values in errors. */
import type { Words } from '@tacit/ring';
import { expect } from 'chai';
import type { ProtocolExample } from '../src/definition/protocol.js';
import { AdditiveEngine, protocols } from '../src/index.js';
import { clip } from '../src/protocols/clip.js';
import { shareInput } from '../src/protocols/input.js';
import { maskOnce } from '../src/protocols/mask.js';
import { multiplyMasked } from '../src/protocols/multiply.js';
import { nonNegative } from '../src/protocols/non-negative.js';
import { randomProtocol } from '../src/protocols/random.js';
import { relu } from '../src/protocols/relu.js';
import { reveal } from '../src/protocols/reveal.js';
import { shuffle } from '../src/protocols/shuffle.js';
import { squareMasked } from '../src/protocols/square.js';
import { BLOCK } from '../src/runtime/layout.js';
import { type RunOptions, runParties, words } from './helpers/parties.js';
import { type Opening, openingsOf } from './helpers/watch.js';

/** What every protocol is called like, and what is not a protocol of its own. */
const operations: Readonly<Record<string, ProtocolExample>> = {
  ...Object.assign({}, ...protocols.map(({ examples }) => examples)),
  'full ReLU': (s, { x }) => relu(s, x, { window: 64 }),
  'bits and their product, as a number': (s, { x, y }) => {
    const engine = new AdditiveEngine(s);
    return engine.fromBits(engine.andBits(engine.toBits(x), engine.toBits(y)));
  },
};

/** Operations that open something, and those that only take what is dealt. */
const silent = randomProtocol.definition.examples;
const opening = Object.entries(operations).filter(([name]) => !Object.hasOwn(silent, name));

const run = (
  parties: number,
  f: ProtocolExample,
  n: number,
  x: bigint,
  y: bigint,
  options: RunOptions = {},
) =>
  openingsOf(() =>
    runParties(
      parties,
      async (session) => {
        const input = (src: number, v: bigint) =>
          shareInput(session, src, [n], session.rank === src ? words(new Array(n).fill(v)) : undefined);
        const operands = { x: input(0, x), y: input(parties - 1, y), drop: { f: 2, l: 8 } };
        return reveal(session, f(session, operands));
      },
      options,
    ),
  );

describe('masks', () => {
  for (const parties of [2, 3])
    for (const [name, f] of opening)
      it(`${name}, ${parties} parties: every opening reads as many fresh mask words as it opens`, async () => {
        // Several chunks, and a tail that fills neither a block nor a vector.
        const openings = await run(parties, f, 4 * 4200, 3n, -2n, { config: { chunk: BLOCK } });
        expect(openings.length).greaterThan(0);
        const used = new Set<string>();
        for (const { key, rank, opened, masks } of openings) {
          let fresh = 0;
          for (const [place, length] of masks) {
            if (used.has(place)) continue;
            used.add(place);
            fresh += length;
          }
          expect(fresh, `${key} of party ${rank}`).least(opened);
        }
      });

  for (const [name, f] of Object.entries(silent))
    it(`${name}: opens nothing`, async () => {
      expect(await run(2, f, 8, 3n, -2n)).deep.equal([]);
    });

  it('streams of pairs are read once a purpose', async () => {
    await runParties(3, async (session) => {
      const reads: string[] = [];
      for (let peer = 0; peer < 3; peer++) {
        if (peer === session.rank) continue;
        const stream = session.pairwise(peer);
        const fill = stream.fill.bind(stream);
        stream.fill = (out, id, field, offset) => {
          for (let at = offset; at < offset + out.length; at += 8)
            reads.push(`${peer}/${id.scope}/${id.index}/${field}/${at}`);
          fill(out, id, field, offset);
        };
      }
      const n = 5000;
      const input = (src: number) =>
        shareInput(session, src, [n], session.rank === src ? words(new Array(n).fill(1n)) : undefined);
      const [a, b] = [input(0), input(1)];
      const c = session.scope('beside', () => input(0));
      await Promise.all([reveal(session, a), reveal(session, a), reveal(session, b, 2), reveal(session, c)]);
      expect(new Set(reads).size).equal(reads.length);
    });
  });

  it('masked forms of one value under several masks do not repeat a mask', async () => {
    const n = 1000;
    const openings = await openingsOf(() =>
      runParties(2, async (s) => {
        const x = shareInput(s, 0, [n], s.rank === 0 ? words(new Array(n).fill(7n)) : undefined);
        const again = x.reshaped([10, 100]);
        // A reshape keeps its mask; a square of the same tensor opens nothing anew.
        expect(maskOnce(s, again).ref).equal(maskOnce(s, x).ref);
        const y = squareMasked(s, maskOnce(s, x));
        await reveal(s, multiplyMasked(s, maskOnce(s, y), maskOnce(s, x)));
      }),
    );
    const masked = openings.filter((o) => o.rank === 0 && o.name === 'E');
    expect(masked.length).equal(2);
    const all = masked.flatMap((o) => [...o.result]);
    expect(new Set(all).size).equal(all.length);
  });
});

/** Elements whose openings are counted. */
const n = 2 ** 14;

/** Chi-square of counts against the uniform distribution, in standard deviations from its mean. */
function surprise(counts: ArrayLike<number>): number {
  const list = Array.from(counts);
  const expected = list.reduce((a, b) => a + b, 0) / list.length;
  const chi = list.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
  const freedom = list.length - 1;
  return (chi - freedom) / Math.sqrt(2 * freedom);
}

/** Numbers of so few bits that n of them fill every bin often. */
function histogram(values: readonly bigint[], shift: number, bits: number): Uint32Array {
  const counts = new Uint32Array(2 ** bits);
  for (const v of values) counts[Number((v >> BigInt(shift)) & ((1n << BigInt(bits)) - 1n))]++;
  return counts;
}

/** A chi-square so far above its mean comes about once in ten million tests. */
const FAR = 8;
/** With three degrees of freedom the tail is longer. */
const VERY_FAR = 20;

/** The bits of each plane of an opening of whole blocks: BLOCK / 64 words of a plane a block. */
function planesOf(words: Words): Uint8Array[] {
  const count = words.length / (n / 64);
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const place = (p: number, i: number) =>
    (Math.floor(i / BLOCK) * count + p) * (BLOCK / 8) + ((i % BLOCK) >> 3);
  return Array.from({ length: count }, (_, p) =>
    Uint8Array.from({ length: n }, (_, i) => (bytes[place(p, i)] >> (i % 8)) & 1),
  );
}

function expectUniform({ key, bits }: Opening, what: string, values: readonly bigint[]): void {
  if (bits === 0) {
    const counts = new Uint32Array(256);
    for (const byte of new Uint8Array(BigUint64Array.from(values).buffer)) counts[byte]++;
    expect(surprise(counts), `${what} of planes ${key}`).below(FAR);
    return;
  }
  for (let shift = 0; shift < bits; shift += 8) {
    const width = Math.min(8, bits - shift);
    expect(surprise(histogram(values, shift, width)), `${what} of ${key}, bits from ${shift}`).below(FAR);
  }
}

describe('openings', () => {
  /** Small enough for the windows of 8 bits, with their products. */
  const secrets: [bigint, bigint][] = [
    [0n, 0n],
    [-5n, 3n],
  ];
  for (const [name, f] of opening)
    it(`${name}: messages and openings are uniform, whatever the secret is`, async () => {
      const runs: Opening[][] = [];
      for (const [x, y] of secrets) {
        const openings = await run(2, f, n, x, y, { config: { window: 8 } });
        expect(openings.length).greaterThan(0);
        runs.push(openings);
        for (const opening of openings) {
          expectUniform(opening, `the message of party ${opening.rank}`, opening.message);
          expectUniform(opening, 'the opening', [...opening.result]);
        }
      }
      // What was opened for one secret says nothing about what was opened for the other.
      const [first, second] = runs.map((all) => all.filter(({ rank }) => rank === 0));
      expect(first.map((o) => o.key)).deep.equal(second.map((o) => o.key));
      first.forEach((opening, i) => {
        const other = second[i].result;
        const differences = [...opening.result].map((v, j) => BigInt.asUintN(64, v - other[j]));
        expectUniform(opening, 'the difference of two runs', differences);
      });
    });

  /** What is opened of comparisons that share an opening c, together: c with each sign, all planes with one another. */
  const together: Record<string, ProtocolExample> = {
    comparison: (s, { x }) => nonNegative(s, x, { window: 8 }),
    'two thresholds': (s, { x }) => clip(s, x, { low: -5n, high: 9n }),
  };
  for (const [name, f] of Object.entries(together))
    it(`${name}: what is opened is uniform together`, async () => {
      for (const x of [0n, -6n, 31n]) {
        const openings = await run(2, f, n, x, 0n, { config: { window: 8 } });
        const [c, ...levels] = openings.filter((o) => o.rank === 0);
        expect(c.name).equal('c');
        const numbers = Array.from(c.result, Number);
        const planes = levels.flatMap(({ result }) => planesOf(result));
        for (const plane of planes) {
          const joint = new Uint32Array(512);
          plane.forEach((bit, i) => {
            joint[numbers[i] * 2 + bit]++;
          });
          expect(surprise(joint), `c and a plane for ${x}`).below(FAR);
        }
        for (const [p, a] of planes.entries())
          for (const b of planes.slice(p + 1)) {
            const pairs = new Uint32Array(4);
            for (let i = 0; i < n; i++) pairs[a[i] * 2 + b[i]]++;
            expect(surprise(pairs), `two planes for ${x}`).below(VERY_FAR);
          }
      }
    });

  it('bits of a number: what is opened is uniform together', async () => {
    for (const x of [0n, -1n, 1n << 63n]) {
      const all = await run(
        2,
        (s, { x: a }) => new AdditiveEngine(s).fromBits(new AdditiveEngine(s).toBits(a)),
        n,
        x,
        0n,
      );
      const opened = all.filter((o) => o.rank === 0);
      expect(opened.map((o) => o.name)).include.members(['c', 'P4', 'G4', 'P16', 'G16', 'e']);
      for (const [i, a] of opened.entries())
        for (const b of opened.slice(i + 1))
          for (const shift of [0n, 1n, 4n, 20n, 60n]) {
            const pairs = new Uint32Array(256);
            a.result.forEach((word, j) => {
              pairs[Number(((word >> shift) & 15n) * 16n + ((b.result[j] >> shift) & 15n))]++;
            });
            expect(surprise(pairs), `${a.name} and ${b.name} from bit ${shift} for ${x}`).below(FAR);
          }
    }
  });

  it('shuffle: whatever parties see is uniform, each two things together, before and after any permutation', async () => {
    const [lanes, rows] = [6000, 3];
    const seen = new Map<string, bigint[]>();
    const openings = await openingsOf(() =>
      runParties(3, async (session) => {
        const x = shareInput(
          session,
          0,
          [lanes, rows, 1],
          session.rank === 0 ? words(new Array(lanes * rows).fill(5n)) : undefined,
        );
        const y = shuffle(session, x);
        seen.set(`share ${session.rank}`, Array.from(await y.value));
        return reveal(session, y);
      }),
    );
    for (const { name, message } of openings) seen.set(name, message);
    expect([...seen.keys()]).have.members(['x1', 'x2', 'z1', 'z2', 'share 0', 'share 1', 'share 2']);
    const all = [...seen];
    for (const [i, [one, a]] of all.entries())
      for (const [other, b] of all.slice(i + 1))
        for (let row = 0; row < rows; row++)
          for (let place = 0; place < rows; place++) {
            const differences = Array.from({ length: lanes }, (_, lane) =>
              BigInt.asUintN(64, a[lane * rows + row] - b[lane * rows + place]),
            );
            expect(surprise(histogram(differences, 0, 8)), `${one} and ${other}`).below(VERY_FAR);
          }
  });

  it('what a party sends to reveal is re-randomised: two reveals of one share have nothing in common', async () => {
    const sent: Words[] = [];
    await runParties(3, async (session) => {
      const x = shareInput(session, 0, [n], session.rank === 0 ? words(new Array(n).fill(5n)) : undefined);
      if (session.rank === 1) {
        const put = session.outbox.put.bind(session.outbox);
        session.outbox.put = (to, key, payload) => {
          if (to === 2) sent.push(new BigUint64Array(payload.slice().buffer).slice(1));
          put(to, key, payload);
        };
      }
      await Promise.all([reveal(session, x), reveal(session, x)]);
    });
    const [first, second] = sent;
    const differences = Array.from(first, (v, i) => BigInt.asUintN(64, v - second[i]));
    for (let shift = 0; shift < 64; shift += 8) expect(surprise(histogram(differences, shift, 8))).below(FAR);
  });
});
