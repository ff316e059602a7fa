/** Cases of what parties tell each other, of errors, and of the lives of handles. */
import { type Engine, Piecewise, type Secret } from '@tacit/mpc';
import { expect } from 'chai';
import { failureOf } from '../group.js';
import type { Case, Setting } from './cases.js';
import { type Draw, type Numbers, signed, wordsOf, wrap } from './numbers.js';

const share = (e: Engine, owner: number, { shape, values }: Numbers): Secret =>
  e.input(owner, shape, e.rank === owner ? wordsOf(values) : undefined);
const told = (words: BigUint64Array | undefined): bigint[] | undefined => words && signed(words);
const codeOf = async (setting: Setting, program: (e: Engine) => unknown): Promise<string | undefined> =>
  (await failureOf(setting.run(setting.parties, program))).code;

export function exchangeCases(draw: Draw) {
  const x = draw.tensor([2, 3], 61);
  const pair = wordsOf([1n, 2n]);
  return {
    input: async (setting) => {
      for (let owner = 0; owner < setting.parties; owner++) {
        const program = async (e: Engine) => {
          const later = Promise.resolve(wordsOf(x.values));
          const secret = e.input(owner, x.shape, e.rank === owner ? later : undefined, 16);
          expect(secret.shape).deep.equal(x.shape);
          expect(secret.size).equal(6);
          return told(await e.reveal(secret));
        };
        for (const values of await setting.run(setting.parties, program)) expect(values).deep.equal(x.values);
      }
      const short = (e: Engine) => e.reveal(e.input(0, [3], e.rank === 0 ? pair : undefined));
      expect(await codeOf(setting, short)).equal('SHAPE');
      expect(await codeOf(setting, (e) => e.reveal(e.input(0, [2], undefined)))).equal('SHAPE');
    },
    reveal: async (setting) => {
      const last = setting.parties - 1;
      const results = await setting.run(setting.parties, async (e) => {
        const secret = share(e, 0, x);
        const only = await e.reveal(secret, { to: last, scale: 16 });
        const fewer = await e.reveal(secret, { to: last, drop: 8 });
        const all = await e.reveal(secret, { drop: 8, scale: 8 });
        return [only, fewer, all].map(told);
      });
      results.forEach(([only, fewer, all], rank) => {
        expect(only).deep.equal(rank === last ? x.values : undefined);
        expect(fewer === undefined).equal(rank !== last);
        for (const values of [fewer ?? [], all ?? []])
          values.forEach((v, i) => {
            expect([0n, 1n]).include(v - (x.values[i] >> 8n));
          });
        expect(all).deep.equal(results[0][2]);
      });
      await setting.run(setting.parties, (e) => {
        expect(() => e.reveal(share(e, 0, x), { to: setting.parties })).throws(RangeError, 'no party');
      });
    },
    sharesToKeep: async (setting) => {
      const kept = await setting.run(setting.parties, async (e) => {
        const secret = share(e, 1, x);
        const own = [await e.sharesToKeep(secret), await e.sharesToKeep(secret.reshaped([6]))];
        expect(told(await e.reveal(secret))).deep.equal(x.values);
        return own;
      });
      for (const copy of [0, 1])
        expect(x.values.map((_, i) => wrap(kept.reduce((sum, own) => sum + own[copy][i], 0n)))).deep.equal(
          x.values,
        );
    },
    keptShares: async (setting) => {
      const kept = await setting.run(setting.parties, (e) => e.sharesToKeep(share(e, 0, x)));
      const results = await setting.run(setting.parties, async (e) => {
        const secret = e.keptShares(x.shape, kept[e.rank], 'a save');
        const later = e.keptShares([0], Promise.resolve(wordsOf([])), 'a save');
        expect(secret.shape).deep.equal(x.shape);
        return [told(await e.reveal(e.neg(secret))), told(await e.reveal(later))];
      });
      for (const result of results) expect(result).deep.equal([x.values.map((v) => wrap(-v)), []]);
      const other = (e: Engine) => e.reveal(e.keptShares(x.shape, kept[e.rank], `save ${e.rank}`));
      expect(await codeOf(setting, other)).equal('PROGRAM_MISMATCH');
      expect(await codeOf(setting, (e) => e.reveal(e.keptShares([2], wordsOf([1n]), 'a save')))).equal(
        'SHAPE',
      );
    },
    roundsOnReveal: async (setting) => {
      const answers = await setting.run(setting.parties, (e) => [
        e.roundsOnReveal(0),
        e.roundsOnReveal(undefined),
      ]);
      for (const answer of answers) expect(answer).deep.equal(answers[0]);
    },
    announce: async (setting) => {
      const text = (e: Engine, owner: number, what: string) =>
        e.announce(owner, e.rank === owner ? Promise.resolve(new TextEncoder().encode(what)) : undefined);
      const results = await setting.run(setting.parties, async (e) => {
        const both = await Promise.all([text(e, 1, 'one'), text(e, 0, 'zero')]);
        return both.map((bytes) => new TextDecoder().decode(bytes));
      });
      for (const result of results) expect(result).deep.equal(['one', 'zero']);
    },
    scope: async (setting) => {
      const results = await setting.run(setting.parties, async (e) => {
        const secret = share(e, 0, x);
        const part = (name: string, s: bigint) =>
          e.scope(name, () => e.reveal(e.mulScalar(secret, s))).then(told);
        // Each party comes to its parts in an order of its own.
        const before = e.issued;
        e.scope('apart', () => e.neg(secret));
        e.scope('apart', () => expect(e.issued).equal(1));
        expect(e.issued).equal(before);
        e.neg(secret);
        expect(e.issued).equal(before + 1);
        const names = ['a', 'b', 'c'];
        const mine = e.rank % 2 === 0 ? names : [...names].reverse();
        const values = new Map<string, bigint[] | undefined>();
        await Promise.all(
          mine.map(async (name) => values.set(name, await part(name, BigInt(names.indexOf(name))))),
        );
        return names.map((name) => values.get(name));
      });
      for (const result of results)
        expect(result).deep.equal([0n, 1n, 2n].map((s) => x.values.map((v) => BigInt.asIntN(64, s * v))));
    },
    endScope: async (setting) => {
      const results = await setting.run(setting.parties, (e) => {
        const secret = share(e, 0, x);
        const going = e.scope('request 1', () => e.reveal(secret), { last: true });
        e.scope('request 2', () => {});
        e.endScope('request 2');
        for (const call of [() => e.scope('request 1', () => {}), () => e.endScope('request 2')])
          expect(call).throws().with.property('code', 'SCOPE');
        expect(() => e.endScope('never'))
          .throws()
          .with.property('code', 'SCOPE');
        return going.then(told);
      });
      for (const values of results) expect(values).deep.equal(x.values);
    },
    finish: async (setting) => {
      const other = (e: Engine) => (e.rank === 0 ? e.neg(share(e, 0, x)) : e.addScalar(share(e, 0, x), 1n));
      expect(await codeOf(setting, other)).equal('PROGRAM_MISMATCH');
      const further = (e: Engine) => {
        const secret = share(e, 0, x);
        if (e.rank === 1) e.neg(secret);
      };
      expect(await codeOf(setting, further)).equal('PROGRAM_MISMATCH');
      const elsewhere = (e: Engine) =>
        e.reveal(e.addPublic(share(e, 0, { shape: [2], values: [1n, 2n] }), wordsOf([BigInt(e.rank), 0n])));
      expect(await codeOf(setting, elsewhere)).equal('PROGRAM_MISMATCH');
    },
    refusals: async (setting) => {
      await setting.run(setting.parties, (e) => {
        const a = share(e, 0, x);
        const b = e.fromPublic(pair, [2]);
        const image = e.fromPublic(wordsOf([1n, 2n, 3n, 4n]), [1, 1, 2, 2]);
        const window = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0] } as const;
        const pool = {
          kernel: [1, 1],
          stride: [1, 1],
          dilation: [1, 1],
          before: [1, 0],
          outputSize: [2, 2],
        } as const;
        const refused: Record<string, () => unknown> = {
          'add of two shapes': () => e.add(a, b),
          'sub of two shapes': () => e.sub(a, e.view(a, { shape: [3, 2], strides: [1, 3], offset: 0 })),
          'multiply of two shapes': () => e.multiply(e.prepare(a), e.prepare(b)),
          'public words that do not fill': () => e.fromPublic(pair, [3]),
          'too few public words to add': () => e.addPublic(a, pair),
          'too many public words to multiply': () => e.mulPublic(b, wordsOf([1n, 2n, 3n])),
          'concat of nothing': () => e.concat([], 0),
          'concat of other shapes': () => e.concat([a, b], 0),
          'concat along axis 2': () => e.concat([a, a], 2),
          'concat along axis 0.5': () => e.concat([a, a], 0.5),
          'concat along axis NaN': () => e.concat([a, a], Number.NaN),
          'take along axis 2': () => e.take(a, 2, [0]),
          'take beyond the end': () => e.take(b, 0, [2]),
          'take before the start': () => e.take(b, 0, [-1]),
          'pads of another rank': () => e.pad(a, [1, 1], 0n),
          'a negative pad': () => e.pad(a, [0, -1, 0, 0], 0n),
          'sum over axis 2': () => e.sumAxes(a, [2], false),
          'sum over an axis twice': () => e.sumAxes(a, [0, 0], false),
          'windows of a matrix': () => e.windowSum(a, window),
          'a window larger than the image': () => e.windowSum(image, window),
          'extreme of a scalar': () => e.extreme('max', e.fromPublic(wordsOf([1n]), [])),
          'argExtreme of an empty axis': () => e.argExtreme('min', e.fromPublic(wordsOf([]), [0, 2])),
          'maxPool2d of a matrix': () => e.maxPool2d(a, pool),
          'a window in the padding': () => e.maxPool2d(image, pool),
        };
        for (const [what, call] of Object.entries(refused))
          expect(call, what).throws().with.property('code', 'SHAPE');
        for (const call of [
          () => e.truncate(a, 0),
          () => e.truncate(a, 62),
          () => e.truncate(a, 1.5),
          () => e.relu(a, { drop: 62 }),
          () => e.clip(a, { low: 2n, high: 1n }),
          () => e.clip(a, {}),
          () => e.piecewise(a, new Piecewise('far', [1n << 63n], [[0n], [1n]])),
        ])
          expect(call).throws(RangeError);
      });
    },
    disposal: async (setting) => {
      const results = await setting.run(setting.parties, async (e) => {
        const a = share(e, 0, x);
        const twice = e.add(a, a);
        const view = a.reshaped([6]);
        const operand = e.prepare(a);
        operand.lifetime.hold();
        a.dispose();
        a.dispose();
        expect(a.disposed).equal(true);
        for (const call of [() => e.neg(a), () => e.reveal(a), () => e.prepare(a), () => a.reshaped([6])])
          expect(call).throws().with.property('code', 'DISPOSED');
        const sum = told(await e.reveal(twice));
        const same = told(await e.reveal(view));
        view.dispose();
        const square = e.square(operand);
        operand.lifetime.release();
        await e.reveal(square);
        expect(() => e.square(operand))
          .throws()
          .with.property('code', 'DISPOSED');
        return [sum, same];
      });
      for (const [sum, same] of results) {
        expect(sum).deep.equal(x.values.map((v) => BigInt.asIntN(64, 2n * v)));
        expect(same).deep.equal(x.values);
      }
    },
  } satisfies Record<string, Case>;
}
