import type { Words } from '@tacit/ring';
import { expect } from 'chai';
import { BT3 } from '../src/index.js';
import { shareInput } from '../src/protocols/input.js';
import { linearMasked } from '../src/protocols/linear.js';
import { maskOnce } from '../src/protocols/mask.js';
import { multiplyMasked } from '../src/protocols/multiply.js';
import { ownedLinear } from '../src/protocols/owned-linear.js';
import { maskToward, Owned } from '../src/protocols/owned-operand.js';
import { productBits } from '../src/protocols/product-form.js';
import { relu } from '../src/protocols/relu.js';
import { reveal } from '../src/protocols/reveal.js';
import { squareMasked } from '../src/protocols/square.js';
import { truncate } from '../src/protocols/truncate.js';
import { BLOCK, planeFieldWords } from '../src/runtime/layout.js';
import { bytesSent, matmul, matrixProduct, randomNumbers as numbers, wrap } from './helpers/numbers.js';
import { compute, failure, input, runParties, signed, words } from './helpers/parties.js';

for (const parties of [2, 3, 5]) {
  describe(`protocols, ${parties} parties`, () => {
    const n = 300;
    const peers = parties - 1;
    const bitOrWord = parties === 2 ? 'one bit' : '8 bytes';
    /** Of a truncation by f bits, for n elements: bytes to each other party, bytes from the dealer. */
    const truncationCost = (n: number, f: number) => {
      if (parties === 2 && f <= 32) return { bytes: planeFieldWords(1, n) * 8, dealer: 4 * n };
      return { bytes: 8 * n, dealer: (f <= 31 ? 12 : 16) * n };
    };
    /** Products of secrets come times this. */
    const s = 1n << BigInt(productBits(parties));

    it('multiplies mod 2^64 in one round, 16 bytes an element and peer', async () => {
      const x = numbers(n, 63);
      const y = [...numbers(n, 63)].reverse();
      const { values, outcome } = await compute(parties, [x, y], (s, a, b) =>
        multiplyMasked(s, maskOnce(s, a), maskOnce(s, b)),
      );
      expect(values).deep.equal(x.map((v, i) => wrap(s * v * y[i])));
      for (const operations of outcome.operations)
        expect(bytesSent(operations, 'mask', 'multiply')).equal(16 * n * peers);
      expect(outcome.sessions[0].comm.stats.rounds).equal(2); // and the reveal
      expect(outcome.dealerBytes).equal(8 * n);
    });

    it('squares mod 2^64 in one round, 8 bytes an element and peer', async () => {
      const x = numbers(n, 63);
      const { values, outcome } = await compute(parties, [x], (s, a) => squareMasked(s, maskOnce(s, a)));
      expect(values).deep.equal(x.map((v) => wrap(s * v * v)));
      expect(bytesSent(outcome.operations[0], 'mask', 'square')).equal(8 * n * peers);
    });

    it('multiplies matrices and sends nothing for an operand that was masked before', async () => {
      const [m, k, p] = [3, 5, 4];
      const f = matmul(m, k, p);
      const a = numbers(m * k, 63);
      const b = numbers(k * p, 63);
      const { results, operations, dealerBytes } = await runParties(parties, async (s) => {
        const x = shareInput(s, 0, [m, k], words(a));
        const y = shareInput(s, parties - 1, [k, p], words(b));
        const first = linearMasked(s, f, maskOnce(s, x), maskOnce(s, y), [m, p]);
        const second = linearMasked(s, f, maskOnce(s, x), maskOnce(s, y), [m, p]);
        return [await reveal(s, first), await reveal(s, second)] as Words[];
      });
      const expected = matrixProduct(m, k, p, a, b).map((v) => wrap(s * v));
      for (const [first, second] of results) {
        expect(signed(first)).deep.equal(expected);
        expect(signed(second)).deep.equal(expected);
      }
      expect(bytesSent(operations[0], 'mask', 'linear')).equal(8 * (m * k + k * p) * peers);
      expect(dealerBytes).equal(2 * 8 * m * p);
    });

    it('multiplies by a matrix that one party keeps in the clear', async () => {
      const [m, k, p] = [3, 5, 4];
      const f = matmul(m, k, p);
      const a = numbers(m * k, 63);
      const b = numbers(k * p, 63);
      for (const owner of [0, parties - 1]) {
        const { results, operations, sessions } = await runParties(parties, async (s) => {
          const x = shareInput(s, parties - 1 - owner, [m, k], words(a));
          const w = new Owned(s, owner, [k, p], s.rank === owner ? words(b) : undefined);
          return (await reveal(
            s,
            ownedLinear(s, f, maskToward(s, x, owner), w.opened, true, [m, p]),
          )) as Words;
        });
        const expected = matrixProduct(m, k, p, a, b);
        for (const result of results) expect(signed(result)).deep.equal(expected);
        operations.forEach((ops, rank) => {
          expect(bytesSent(ops, 'own')).equal(rank === owner ? 8 * k * p * peers : 0);
          expect(bytesSent(ops, 'mask-toward', 'owned-linear')).equal(rank === owner ? 0 : 8 * m * k);
        });
        expect(sessions[0].comm.stats.rounds).equal(2);
      }
    });

    it('multiplies by a matrix so large that the dealer expands its mask in parts', async () => {
      const [m, k, p] = [2, 2100, 4003];
      const a = numbers(m * k, 63);
      const B = Float64Array.from({ length: k * p }, (_, i) => ((i * 7919) % 1009) - 500);
      const { results } = await runParties(parties, async (s) => {
        const x = shareInput(s, parties - 1, [m, k], words(a));
        const write = (out: Words) => s.ring.encodeInto(out, B, 0);
        const w = new Owned(s, 0, [k, p], s.rank === 0 ? write : undefined);
        const product = ownedLinear(s, matmul(m, k, p), maskToward(s, x, 0), w.opened, true, [m, p]);
        return (await reveal(s, product)) as Words;
      });
      for (const [row, column] of [
        [0, 0],
        [0, p - 1],
        [1, 1234],
        [m - 1, p - 1],
      ]) {
        let sum = 0n;
        for (let i = 0; i < k; i++) sum += a[row * k + i] * BigInt(B[i * p + column]);
        for (const result of results) expect(result[row * p + column]).equal(BigInt.asUintN(64, sum));
      }
    });

    it(`truncates with an error of 0 or 1 at every magnitude below 2^62, in 1 round and ${bitOrWord}`, async () => {
      const edge = (1n << 62n) - 1n;
      const x = [edge, -edge, ...numbers(4998, 61)];
      for (const f of [1, 16, 30, 32, 33, 45]) {
        const { values, outcome } = await compute(parties, [x], (s, a) => truncate(s, a, f));
        values.forEach((v, i) => {
          const error = v - (x[i] >> BigInt(f));
          expect(error === 0n || error === 1n, `${x[i]} >> ${f} gave ${v}`).equal(true);
          if (x[i] % (1n << BigInt(f)) === 0n) expect(error).equal(0n);
        });
        const cost = truncationCost(x.length, f);
        expect(bytesSent(outcome.operations[0], 'truncate')).equal(cost.bytes * peers);
        expect(outcome.dealerBytes).equal(cost.dealer);
        expect(outcome.sessions[0].comm.stats.rounds).equal(2);
      }
    });

    it(`truncates a product in its only round: ${bitOrWord}, 12 bytes dealt, error 0 or 1 up to 2^61`, async () => {
      const x = numbers(5000, 61);
      const y = x
        .map((v) => (BigInt.asIntN(64, v) === 0n ? 5n : ((1n << 61n) - 1n) / (v < 0n ? -v : v)))
        .map((v, i) => (i % 2 ? -v : v));
      const more = productBits(parties);
      const { values, outcome } = await compute(parties, [x, y], (s, a, b) =>
        multiplyMasked(s, maskOnce(s, a), maskOnce(s, b), { f: 16 + more, l: 64 }),
      );
      const squares = await compute(parties, [x.map((v) => BigInt.asIntN(30, v))], (s, a) =>
        squareMasked(s, maskOnce(s, a), { f: 16 + more, l: 64 }),
      );
      const off = (v: bigint, exact: bigint) => v - (exact >> 16n) !== 0n && v - (exact >> 16n) !== 1n;
      expect(values.filter((v, i) => off(v, x[i] * y[i]))).deep.equal([]);
      expect(squares.values.filter((v, i) => off(v, BigInt.asIntN(30, x[i]) ** 2n))).deep.equal([]);
      expect(bytesSent(outcome.operations[0], 'multiply')).equal(truncationCost(x.length, 16).bytes * peers);
      expect(outcome.dealerBytes).equal(12 * x.length);
      expect(outcome.sessions[0].comm.stats.rounds).equal(3); // mask, product, reveal
      const product = await compute(parties, [x.slice(0, 50), y.slice(0, 100)], (s, a, b) =>
        linearMasked(s, matmul(50, 1, 100), maskOnce(s, a), maskOnce(s, b), [50, 100], {
          f: 40 + more,
          l: 64,
        }),
      );
      const small = (v: bigint) => (v < 0n ? -v : v) < 1n << 61n;
      product.values.forEach((v, i) => {
        const exact = x[Math.floor(i / 100)] * y[i % 100];
        if (small(exact)) expect([0n, 1n]).include(v - (exact >> 40n));
      });
    });

    it('rounds without bias when it truncates', async () => {
      const x = new Array(20_000).fill((7n << 16n) + (1n << 14n)); // 7.25
      const { values } = await compute(parties, [x], (s, a) => truncate(s, a, 16));
      const mean = values.reduce((sum, v) => sum + Number(v), 0) / values.length;
      expect(mean).closeTo(7.25, 0.02); // 6 standard deviations
    });

    it('ReLU, l = 64: exact, 4 rounds and 12.25 bytes (BT-4), 3 rounds and 9.875 bytes (BT-3)', async () => {
      const x = numbers(8192, 62);
      const expected = x.map((v) => (v > 0n ? v : 0n));
      const bt4 = await compute(parties, [x], (s, a) => relu(s, a));
      expect(bt4.values).deep.equal(expected);
      expect(bytesSent(bt4.outcome.operations[0], 'relu')).equal(12.25 * x.length * peers);
      expect(bt4.outcome.sessions[0].comm.stats.rounds).equal(4 + 1);
      expect(bt4.outcome.dealerBytes / x.length).at.most(90);
      const bt3 = await compute(parties, [x], (s, a) => relu(s, a, { tree: BT3 }));
      expect(bt3.values).deep.equal(expected);
      expect(bytesSent(bt3.outcome.operations[0], 'relu')).equal(9.875 * x.length * peers);
      expect(bt3.outcome.sessions[0].comm.stats.rounds).equal(3 + 1);
    });

    it('ReLU with fused truncation, l = 48: 3 rounds, 7.875 bytes, error 0 or 1, zero below zero', async () => {
      const x = numbers(8192, 46);
      const { values, outcome } = await compute(parties, [x], (s, a) =>
        relu(s, a, { window: 48, tree: BT3, truncate: 16 }),
      );
      values.forEach((v, i) => {
        const error = v - (x[i] > 0n ? x[i] >> 16n : 0n);
        expect(x[i] < 0n ? error === 0n : error === 0n || error === 1n, `${x[i]} gave ${v}`).equal(true);
      });
      expect(bytesSent(outcome.operations[0], 'relu')).equal(7.875 * x.length * peers);
      expect(outcome.sessions[0].comm.stats.rounds).equal(3 + 1);
    });

    it('cuts long operations into chunks with the same results', async () => {
      const x = numbers(3 * BLOCK + 77, 62);
      const { values } = await compute(parties, [x], (s, a) => relu(s, a), { config: { chunk: BLOCK } });
      expect(values).deep.equal(x.map((v) => (v > 0n ? v : 0n)));
    });

    it('deals at the first party for debugging', async () => {
      const x = numbers(100, 62);
      const { values } = await compute(parties, [x], (s, a) => relu(s, a), { dealer: 'first-party' });
      expect(values).deep.equal(x.map((v) => (v > 0n ? v : 0n)));
    });

    it('notices that parties run different programs and names both operations', async () => {
      const { all } = await failure(
        runParties(parties, async (s) => {
          const x = input(s, [1n, 2n, 3n, 4n]);
          return reveal(s, s.rank === 1 ? relu(s, x) : truncate(s, x, 16));
        }),
      );
      const mismatch = all.find((e) => e?.code === 'PROGRAM_MISMATCH');
      expect(mismatch?.message)
        .match(/relu/)
        .and.match(/truncate/);
    });

    it('notices at the end that a party went on alone', async () => {
      const { all } = await failure(
        runParties(parties, async (s) => {
          const x = input(s, [1n, 2n, 3n, 4n]);
          if (s.rank === 0) truncate(s, x, 16).value.catch(() => {});
        }),
      );
      expect(all.map((e) => e?.code)).include('PROGRAM_MISMATCH');
    });

    it('refuses settings that cannot work', async () => {
      const run = runParties(parties, (s) => reveal(s, input(s, [1n])), { config: { chunk: 100 } });
      expect((await failure(run)).code).equal('CONFIG_INVALID');
    });
  });
}
