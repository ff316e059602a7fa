/** The parts of AdvParams: bounds, choice of layers and weights, rounds, distances. */
import { expect } from 'chai';
import fc from 'fast-check';
import { ascend, type Pass } from '../src/adv-params/ascend.js';
import { histograms, kolmogorovSmirnov } from '../src/adv-params/distance.js';
import { boundsOf, Layer } from '../src/adv-params/layer.js';
import { type FloatType, roundWithin } from '../src/adv-params/number-bits.js';
import { limitsOf, stopAccuracyOf } from '../src/adv-params/options.js';
import { ruleOf } from '../src/adv-params/rules.js';
import { pruned } from '../src/attacks/prune.js';
import { searchSpace } from '../src/attacks/search-space.js';
import { selectLayers } from '../src/index.js';
import { bytesOf } from './helpers/classifiers.js';

const TYPES: readonly FloatType[] = ['float', 'float16', 'double'];
const layer = (values: readonly number[], distance = 0.1, type: FloatType = 'float') =>
  new Layer('w', type, [values.length], bytesOf(values, type), distance);

describe('layers and their bounds', () => {
  it('are those of the untouched weights', () => {
    expect(boundsOf(Float64Array.of(-1, 0, 3), 0.25)).deep.equal({ low: 0, high: 2, range: 4 });
    expect(boundsOf(Float64Array.of(-1, Number.NaN, 3, Number.POSITIVE_INFINITY), 0.5)).deep.equal({
      low: 1,
      high: 1,
      range: 4,
    });
    expect(boundsOf(Float64Array.of(2), 0.1).range).equal(0);
    expect(boundsOf(Float64Array.of(), 0.1).range).equal(0);
    const own = layer([-1, 0, 1]);
    own.move(1, 0.5);
    expect([own.moved, own.changed, own.bounds.range]).deep.equal([1, 1, 2]);
    own.move(1, 0);
    expect([own.moved, own.changed, own.changes().length]).deep.equal([1, 0, 0]);
  });

  it('are chosen without favour, in the order of the model', () => {
    const names = ['a', 'b', 'c', 'd'];
    const counts = new Map<string, number>();
    const runs = 3000;
    for (let i = 0; i < runs; i++) {
      const chosen = selectLayers(names, 2).join('');
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).deep.equal(['ab', 'ac', 'ad', 'bc', 'bd', 'cd']);
    // Six standard deviations of a binomial distribution.
    for (const count of counts.values()) expect(count).within(500 - 6 * 20.5, 500 + 6 * 20.5);
    expect(selectLayers(names, 4)).deep.equal(names);
    expect(selectLayers(names, 99)).deep.equal(names);
    expect(selectLayers([], 1)).deep.equal([]);
    for (const most of [0, -1, 1.5, Number.NaN]) expect(() => selectLayers(names, most)).throw('maxLayers');
  });
});

describe('the rules', () => {
  const options = { stepSize: 0.1, maxParams: 2 };

  it('of the paper: the largest gradient in size, a step in its direction, within the bounds', () => {
    const own = layer([-1, 0.5, 0, 1]);
    const choose = ruleOf('paper', options);
    expect(choose(own, [0, 1, -3, 0])).deep.include({ index: 2, value: Math.fround(-0.2) });
    expect(choose(own, [0, 4, -3, 0])).deep.include({ index: 1 });
    // Weights beyond a bound have no way outwards, and are not moved inwards against their gradient.
    expect(choose(own, [-9, 0, 0, 9])).equal(undefined);
    expect(choose(own, [9, 0, 0, 0])?.value).equal(roundWithin(-0.8, 'float', -0.8, 0.8));
    expect(choose(own, [0, 0, 0, 0])).equal(undefined);
    expect(choose(own, [Number.NaN, Number.POSITIVE_INFINITY, 1, 0])).deep.include({ index: 2 });
    own.move(1, 0.6);
    own.move(2, 0.2);
    // Two weights are changed: these may move again, others may not.
    expect(choose(own, [9, 0, 1, 0])).deep.include({ index: 2 });
  });

  it('leave bounds at no step, whatever the gradients', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TYPES),
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 6 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.constantFrom('paper' as const, 'seed' as const),
        fc.array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }), {
          maxLength: 12,
        }),
        (type, values, distance, rule, gradients) => {
          const own = layer(values, distance, type);
          const choose = ruleOf(rule, { stepSize: 0.3, maxParams: 3 });
          for (const gradient of gradients) {
            const move = choose(own, gradient.slice(0, values.length));
            if (!move) continue;
            expect(move.value).within(own.bounds.low, own.bounds.high);
            if (rule === 'paper') {
              const way = move.value - own.values[move.index];
              expect(Math.sign(way), 'with the gradient').equal(Math.sign(gradient[move.index]));
            }
            own.move(move.index, move.value);
          }
          expect(own.moved).at.most(3);
        },
      ),
    );
  });

  it('of the public implementation: weights that only grow, each move counted', () => {
    const own = layer([-1, 0.5, 0, 1]);
    const choose = ruleOf('seed', options);
    expect(choose(own, [0, 1, -3, 0])).deep.include({ index: 1, value: Math.fround(0.7) });
    expect(choose(own, [-1, -1, -3, 0])).equal(undefined);
    expect(choose(own, [0, 1, 3, 0])).equal(undefined);
  });
});

describe('the rounds', () => {
  const limits = limitsOf({ maxParams: 3 });
  const first: Pass = { loss: 1, accuracy: 1, gradients: new Map([['w', [1, 1, 1]]]) };
  const none = { stopAccuracy: undefined, oneAnswer: undefined };
  const passes = (...rest: Partial<Pass>[]) => {
    let at = 0;
    return async (): Promise<Pass> => ({ ...first, ...rest[Math.min(at++, rest.length - 1)] });
  };

  it('end where the accuracy is low, or the loss high, enough', async () => {
    const low = await ascend([layer([-1, 0, 1])], first, passes({ accuracy: 0.5 }, { accuracy: 0.1 }), {
      limits,
      ...none,
      stopAccuracy: 0.1,
    });
    expect([low.ending, low.trace.length]).deep.equal(['accuracy', 3]);
    const high = await ascend([layer([-1, 0, 1])], first, passes({ loss: 5 }, { loss: 5.1 }), {
      limits: limitsOf({ lossMultiple: 5 }),
      ...none,
    });
    expect([high.ending, high.trace.length]).deep.equal(['loss', 3]);
  });

  it('end where nothing moves, or rounds are used up', async () => {
    const still = await ascend([layer([1, 1])], first, passes({}), { limits, ...none });
    expect([still.ending, still.trace.length]).deep.equal(['no moves', 1]);
    const one = limitsOf({ maxRounds: 1 });
    expect((await ascend([layer([-1, 0, 1])], first, passes({}), { limits: one, ...none })).ending).equal(
      'rounds',
    );
  });

  it('keep what was valid before the loss is no number', async () => {
    const own = layer([-1, 0, 1]);
    const { ending, trace } = await ascend([own], first, passes({ loss: 2 }, { loss: Number.NaN }), {
      limits,
      ...none,
    });
    expect([ending, trace.length, own.changed, own.values[0]]).deep.equal([
      'not a number',
      2,
      1,
      roundWithin(-0.8, 'float', -0.8, 0.8),
    ]);
  });

  it('let a model be that gives one answer, as it was at its lowest', async () => {
    const own = layer([-1, -0.9, 0, 0.5, 1]);
    const gradients = new Map([['w', [1, 1, 2, 1, 1]]]);
    const at = [{ accuracy: 0.4 }, { accuracy: 0.2 }, { accuracy: 0.25 }].map((pass) => ({
      ...pass,
      gradients,
    }));
    const { ending, trace } = await ascend([own], { ...first, gradients }, passes(...at), {
      limits,
      ...none,
      stopAccuracy: 0.12,
      oneAnswer: 0.2,
    });
    expect([ending, trace.length]).deep.equal(['one answer', 3]);
    expect(own.values[2]).closeTo(0.4, 1e-6);
    expect(own.changed).equal(1);
  });

  it('stop between rounds', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    let error: unknown;
    try {
      await ascend([layer([-1, 0, 1])], first, passes({}), { limits, ...none, signal: controller.signal });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).instanceOf(Error).include({ message: 'enough' });
  });

  it('have limits in their ranges', () => {
    for (const [name, value] of [
      ['maxLayers', 0],
      ['maxParams', 1.5],
      ['batchSize', 0],
      ['boundaryDistance', 0.6],
      ['boundaryDistance', Number.NaN],
      ['stepSize', 0],
      ['lossMultiple', 1],
      ['stopAccuracy', 1],
      ['maxRounds', -1],
      ['rule', 'other'],
    ] as const)
      expect(() => limitsOf({ [name]: value }), name).throw(name);
    expect(stopAccuracyOf(limitsOf({}), 10)).closeTo(0.12, 1e-12);
    expect(stopAccuracyOf(limitsOf({ lossMultiple: 5 }), 10)).equal(undefined);
    expect(stopAccuracyOf(limitsOf({ stopAccuracy: 0.3 }), 10)).equal(0.3);
    expect(limitsOf({ boundaryDistance: 0.5, stepSize: 1 }).maxRounds).equal(25);
  });
});

describe('distances, histograms, search', () => {
  it('are those of their definitions', () => {
    expect(kolmogorovSmirnov([1, 2, 3, 4], [1, 2, 3, 5])).equal(0.25);
    expect(kolmogorovSmirnov([1, 2], [3, 4])).equal(1);
    expect(kolmogorovSmirnov([1, 1, 2], [2, 1, 1])).equal(0);
    expect(kolmogorovSmirnov([], [1])).equal(0);
    expect(kolmogorovSmirnov([Number.NaN, 1], [1])).equal(0);
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 1 }), fc.array(fc.nat(9), { minLength: 1 }), (a, b) => {
        const part = (x: readonly number[], at: number) => x.filter((v) => v <= at).length / x.length;
        const slow = Math.max(...[...a, ...b].map((at) => Math.abs(part(a, at) - part(b, at))));
        expect(kolmogorovSmirnov(a, b)).closeTo(slow, 1e-12);
        expect(kolmogorovSmirnov(b, a)).closeTo(slow, 1e-12);
      }),
    );
    expect(histograms([0, 1], [0, 0], 2)).deep.equal({
      middles: [0.25, 0.75],
      before: [1, 1],
      after: [2, 0],
    });
    expect(histograms([3, 3], [3], 2).before).deep.equal([2, 0]);
    expect(histograms([], [], 2).before).deep.equal([0, 0]);
  });

  it('count the sets of weights', () => {
    expect(searchSpace(5, 2).positionBits).closeTo(Math.log2(10), 1e-12);
    expect(searchSpace(3246, 0)).deep.equal({ positionBits: 0, valueBits: 0, bits: 0 });
    expect(searchSpace(7, 7).positionBits).closeTo(0, 1e-12);
    expect(pruned(Float64Array.of(3, -1, 2, 0.5), 0.5)).deep.equal(Float64Array.of(3, 0, 2, 0));
  });
});
