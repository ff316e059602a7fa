/** A value that is rounded on its way to the one of two parties that learns it. */
import { expect } from 'chai';
import type { Session } from '../src/index.js';
import { shareInput } from '../src/protocols/input.js';
import { maskOnce } from '../src/protocols/mask.js';
import { multiplyMasked } from '../src/protocols/multiply.js';
import { revealRounded, roundsOnTheWay } from '../src/protocols/reveal.js';
import type { Share } from '../src/runtime/share.js';
import { bytesSent, randomNumbers } from './helpers/numbers.js';
import { type RunOptions, runParties, signed, words } from './helpers/parties.js';

const given = (s: Session, x: readonly bigint[]): Share =>
  shareInput(s, 0, [x.length], s.rank === 0 ? words(x) : undefined);

/** What party `to` learned of x / 2^f. */
async function told(x: readonly bigint[], to: number, f: number, options: RunOptions = {}) {
  const outcome = await runParties(2, (s) => revealRounded(s, given(s, x), to, f), options);
  expect(outcome.results[1 - to]).equal(undefined);
  return { values: signed(outcome.results[to] as BigUint64Array), outcome };
}

describe('a value rounded on its way', () => {
  for (const to of [0, 1])
    for (const f of [1, 16, 32, 61])
      it(`is the floor or one more, ${f} bits dropped, to party ${to}, over several blocks, with delays`, async () => {
        const x = randomNumbers(9001, 62);
        const { values } = await told(x, to, f, { delays: f });
        values.forEach((v, i) => {
          const error = v - (x[i] >> BigInt(f));
          expect(error === 0n || error === 1n, `${x[i]} gave ${v}`).equal(true);
          if (x[i] % (1n << BigInt(f)) === 0n) expect(error).equal(0n);
        });
      });

  it('takes one round, 8 bytes an element one way and nothing from the dealer', async () => {
    const { outcome } = await told(randomNumbers(1000, 62), 1, 16);
    expect(outcome.operations.map((o) => bytesSent(o, 'reveal'))).deep.equal([8 + 8 * 1000, 0]);
    expect(outcome.dealerBytes).equal(0);
    expect(outcome.sessions[1].comm.stats.rounds).equal(1);
  });

  it('saves the round of a truncation after a product', async () => {
    const x = randomNumbers(500, 28);
    const { results, sessions, dealerBytes } = await runParties(2, (s) => {
      const masked = maskOnce(s, given(s, x));
      return revealRounded(s, multiplyMasked(s, masked, masked), 0, 17);
    });
    // Two parties: twice the product, and one more bit to drop.
    signed(results[0] as BigUint64Array).forEach((v, i) => {
      expect([0n, 1n]).include(v - ((x[i] * x[i]) >> 16n));
    });
    expect(sessions[0].comm.stats.rounds).equal(2); // the mask, and this
    expect(dealerBytes).equal(8 * 500); // of the product
  });

  it('rounds without bias', async () => {
    for (const [part, mean] of [
      [1n << 14n, 7.25],
      [3n << 14n, 7.75],
    ] as const) {
      const { values } = await told(new Array(20_000).fill((7n << 16n) + part), 0, 16);
      expect(values.reduce((sum, v) => sum + Number(v), 0) / values.length).closeTo(mean, 0.02); // 6 deviations
    }
  });

  it('is the same however often it is revealed, also as another shape', async () => {
    const { results } = await runParties(2, async (s) => {
      const z = given(
        s,
        Array.from({ length: 5000 }, (_, i) => BigInt(i * 7919)),
      );
      return Promise.all([z, z, z.reshaped([50, 100])].map((x) => revealRounded(s, x, 1, 16)));
    });
    const [first, ...others] = results[1].map((w) => signed(w as BigUint64Array));
    for (const other of others) expect(other).deep.equal(first);
  });

  it('tells nothing more at several scales: the interval that is left for the value is as wide as after one', async () => {
    const n = 4000;
    const f = 12;
    const told: bigint[][] = [];
    await runParties(2, async (s) => {
      const { ring } = s;
      const shift = ring.shrS;
      // What the recipient sees before it drops the low bits.
      if (s.rank === 1)
        ring.shrS = (out, a, drop) => {
          told.push(signed(a));
          shift.call(ring, out, a, drop);
        };
      const z = given(s, new Array(n).fill(12345n));
      for (let drop = f; drop <= f + 6; drop++) await revealRounded(s, z, 1, drop);
      ring.shrS = shift;
    });
    const width = (drops: number): number => {
      const all = Array.from({ length: n }, (_, i) => {
        const lows = told.slice(0, drops).map((v, k) => v[i] - (1n << BigInt(f + k)) + 1n);
        const highs = told.slice(0, drops).map((v) => v[i]);
        const [low, high] = [lows.reduce((a, b) => (a > b ? a : b)), highs.reduce((a, b) => (a < b ? a : b))];
        return Number(high - low) + 1;
      });
      return all.reduce((a, b) => a + b) / n;
    };
    expect(told.length).equal(7);
    expect(width(1)).equal(2 ** f);
    expect(width(7)).equal(2 ** f);
  });

  it('gives the recipient the value plus noise of the sender, uniform and never used for another value', async () => {
    const f = 8;
    const n = 2 ** 14;
    const noise: bigint[][] = [];
    const message: bigint[][] = [];
    const x = Array.from({ length: n }, (_, i) => BigInt(i) * 1_000_003n);
    const { results } = await runParties(2, async (s) => {
      const fill = s.noise.fill.bind(s.noise);
      s.noise.fill = (out, id, field, offset) => {
        fill(out, id, field, offset);
        expect(s.rank).equal(0);
        if (offset === 0) noise.push([]);
        noise[noise.length - 1].push(...Array.from(out, (v) => v & 255n));
      };
      const send = s.comm.sendBatch.bind(s.comm);
      s.comm.sendBatch = (to, entries) => {
        for (const { key, payload } of entries)
          if (key.endsWith('/y')) message.push([...new BigUint64Array(payload.buffer as ArrayBuffer, 8)]);
        send(to, entries);
      };
      const [a, b] = [given(s, x), given(s, x)];
      const first = await revealRounded(s, a, 1, f);
      return [first, await revealRounded(s, b, 1, f)];
    });
    expect(noise.length).equal(2);
    results[1].forEach((w, k) => {
      expect(signed(w as BigUint64Array)).deep.equal(x.map((v, i) => (v + noise[k][i]) >> BigInt(f)));
    });
    const equal = noise[0].filter((u, i) => u === noise[1][i]).length;
    expect(equal).below(n / 256 + 6 * Math.sqrt(n / 256));
    const uniform = (values: bigint[]) => {
      const counts = new Array(256).fill(0);
      for (const v of values) counts[Number(v & 255n)]++;
      const chi = counts.reduce((sum, c) => sum + (c - n / 256) ** 2 / (n / 256), 0);
      expect((chi - 255) / Math.sqrt(2 * 255)).below(8);
    };
    // The noise, the low bits of what the recipient gets, and the low and high bits of the messages.
    for (let k = 0; k < 2; k++) {
      uniform(noise[k]);
      uniform(x.map((v, i) => v + noise[k][i]));
      uniform(message[k]);
      uniform(message[k].map((v) => v >> 56n));
    }
  });

  it('is for two parties, one recipient and truncation that rounds', async () => {
    for (const parties of [2, 3, 5])
      await runParties(parties, (s) => {
        expect(roundsOnTheWay(s, 0)).equal(parties === 2);
        expect(roundsOnTheWay(s, undefined)).equal(false);
        const x = given(s, [1n, 2n]);
        if (parties > 2) expect(() => revealRounded(s, x, 0, 16)).throw(RangeError);
        for (const drop of [0, 62, 1.5]) expect(() => revealRounded(s, x, 0, drop)).throw(RangeError);
        expect(() => revealRounded(s, x, 2, 16)).throw(RangeError);
      });
    await runParties(
      2,
      (s) => {
        expect(() => revealRounded(s, given(s, [1n]), 0, 16)).throw(RangeError);
      },
      { config: { truncation: 'exact' } },
    );
  });
});
