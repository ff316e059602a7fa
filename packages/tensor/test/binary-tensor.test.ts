/** Bits of fixed-point numbers, and numbers of bits. */
import { openPlain } from '@tacit/mpc';
import { sharedRings } from '@tacit/testing';
import { expect } from 'chai';
import { type BinaryTensor, type CrypTensor, Party } from '../src/index.js';
import { evaluate, runParties } from './helpers/parties.js';

type Bits = BinaryTensor<CrypTensor>;

const unit = 2 ** -16;
const a = [0, 1, -1, 5, 12, 1023, -7, 2 ** 20];
const b = [3, 3, 3, 6, 10, 511, 7, 2 ** 20 + 1];

const operations: Record<
  string,
  {
    f: (x: Bits, y: Bits) => Bits;
    wanted: (x: number, y: number) => number;
    rounds: number;
  }
> = {
  itself: { f: (x) => x, wanted: (x) => x, rounds: 4 },
  and: { f: (x, y) => x.and(y), wanted: (x, y) => x & y, rounds: 5 },
  or: { f: (x, y) => x.or(y), wanted: (x, y) => x | y, rounds: 5 },
  xor: { f: (x, y) => x.xor(y), wanted: (x, y) => x ^ y, rounds: 4 },
  not: { f: (x) => x.not(), wanted: (x) => -x - unit, rounds: 4 },
  'shl by 3': { f: (x) => x.shl(3), wanted: (x) => 8 * x, rounds: 4 },
  'remainder mod 4': { f: (x) => x.shl(46).shr(46), wanted: (x) => x & 3, rounds: 4 },
  'the sign at the lowest fraction bit': {
    f: (x) => x.shr(63),
    wanted: (x) => (x < 0 ? unit : 0),
    rounds: 4,
  },
  'half adder, sum': {
    f: (x, y) => x.xor(y).xor(x.and(y).shl(1)),
    wanted: (x, y) => x ^ y ^ ((x & y) << 1),
    rounds: 5,
  },
};

describe('binary tensors in the clear', () => {
  it('are what they are on shares', async () => {
    const { engines } = openPlain(2, (await sharedRings(1))[0]);
    const results = engines.map(async (engine) => {
      const party = new Party(engine);
      const [x, y] = [a, b].map((values, src) => party.cryptensor(values, { src }).to('binary'));
      const told = Object.values(operations).map(({ f }) => f(x, y).toArithmetic().revealFloat64());
      return (await Promise.all(told)).map((plain) => [...(plain?.data ?? [])]);
    });
    for (const values of await Promise.all(results))
      expect(values).deep.equal(
        Object.values(operations).map(({ wanted }) => a.map((v, i) => wanted(v, b[i]))),
      );
  });
});

for (const parties of [2, 3, 5])
  describe(`binary tensors, ${parties} parties`, () => {
    for (const [name, { f, wanted, rounds }] of Object.entries(operations))
      it(name, async () => {
        const program = (x: CrypTensor, y: CrypTensor) => f(x.to('binary'), y.to('binary')).toArithmetic();
        const result = await evaluate(parties, [a, b], program, { delays: parties });
        expect([...result.data]).deep.equal(a.map((v, i) => wanted(v, b[i])));
        expect(result.rounds).equal(rounds);
      });

    it('of products, of bits and of what has few fraction bits have those of the session', async () => {
      const program = (x: CrypTensor) => x.mul(0.5).to('binary').xor(x.gt(0).to('binary')).toArithmetic();
      const { data } = await evaluate(parties, [[3.5, -2, 8]], program);
      const words = [1.75, -1, 4].map((v, i) => Math.floor(v * 2 ** 16) ^ (i === 1 ? 0 : 2 ** 16));
      words.forEach((word, i) => {
        expect(data[i]).closeTo(word * unit, unit);
      });
    });

    it('are noise at each party, and the bits of all by exclusive or', async () => {
      const shares = await runParties(parties, (party) =>
        party.cryptensor(a, { src: 0 }).to('binary').debugShares(),
      );
      const together = shares.reduce((x, y) => x.map((word, i) => word ^ y[i]));
      expect(together).deep.equal(a.map((v) => BigInt(v) << 16n));
      for (const own of shares) expect(own.filter((word) => word % 2n ** 48n === 0n)).empty;
    });

    it('are freed by scopes, unless they are returned', async () => {
      await runParties(parties, async (party: Party) => {
        const x = party.cryptensor([1, 2, 3], { src: 0 });
        let inner: Bits | undefined;
        const kept = party.tidy(() => {
          inner = x.to('binary');
          return { bits: inner.shl(1) };
        });
        expect(inner?.bits.disposed).equal(true);
        expect(kept.bits.bits.disposed).equal(false);
        const plain = await kept.bits.toArithmetic().revealFloat64();
        expect([...(plain?.data ?? [])]).deep.equal([2, 4, 6]);
        const y = kept.bits.not();
        y.dispose();
        expect(() => y.not())
          .throws()
          .with.property('code', 'DISPOSED');
        expect(() => y.shl(64)).throws(RangeError);
      });
    });

    it('refuse other shapes and other forms', async () => {
      await runParties(parties, async (party: Party) => {
        const x = party.cryptensor([1, 2, 3], { src: 0 }).to('binary');
        const y = party.cryptensor([[1, 2, 3]], { src: 0 });
        for (const name of ['and', 'or', 'xor'] as const)
          expect(() => x[name](y.to('binary')))
            .throws()
            .with.property('code', 'SHAPE');
        expect(() => y.to('octal' as 'binary'))
          .throws()
          .with.property('code', 'ARGUMENT');
      });
    });
  });
