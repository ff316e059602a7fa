/** The parts of AdvParams: bits of numbers, bounds, choice of layers and weights, rounds, keys, distances. */
import { fromFloat16 } from '@tacit/files';
import { expect } from 'chai';
import fc from 'fast-check';
import { ascend, type Pass } from '../src/adv-params/ascend.js';
import { histograms, kolmogorovSmirnov } from '../src/adv-params/distance.js';
import { type AdvParamsBody, advParamsKey } from '../src/adv-params/key-body.js';
import { boundsOf, Layer } from '../src/adv-params/layer.js';
import {
  bitsOf,
  FLOAT_BYTES,
  type FloatType,
  numberOf,
  numbersOfBytes,
  readBits,
  roundWithin,
  writeBits,
} from '../src/adv-params/number-bits.js';
import { limitsOf, stopAccuracyOf } from '../src/adv-params/options.js';
import { ruleOf } from '../src/adv-params/rules.js';
import { pruned } from '../src/attacks/prune.js';
import { searchSpace } from '../src/attacks/search-space.js';
import { selectLayers } from '../src/index.js';
import { bytesOf } from './helpers/classifiers.js';

const TYPES: readonly FloatType[] = ['float', 'float16', 'double'];
const layer = (values: readonly number[], distance = 0.1, type: FloatType = 'float') =>
  new Layer('w', type, [values.length], bytesOf(values, type), distance);

describe('numbers as bits', () => {
  it('are float16 as they should be, all of them', () => {
    const every = Uint16Array.from({ length: 65536 }, (_, i) => i);
    fromFloat16(every).forEach((value, bits) => {
      if (Number.isNaN(value)) return;
      if (Number(bitsOf(value, 'float16')) !== bits) expect(bitsOf(value, 'float16')).equal(BigInt(bits));
    });
    for (const [value, bits] of [
      [65519.99, 0x7bff],
      [65520, 0x7c00],
      [-1e9, 0xfc00],
      [2 ** -25, 0],
      [2 ** -25 * 1.0001, 1],
      [3 * 2 ** -25, 2],
      [-0, 0x8000],
      [1 + 2 ** -11, 0x3c00],
      [1 + 3 * 2 ** -11, 0x3c02],
      // Through float32, which rounds first, this would be a tie.
      [1 + 2 ** -11 + 2 ** -40, 0x3c01],
      [2 ** -14 - 2 ** -30, 0x0400],
      [2048 - 2 ** -40, 0x6800],
    ] as const)
      expect(Number(bitsOf(value, 'float16')), String(value)).equal(bits);
    expect(numberOf(bitsOf(Number.NaN, 'float16'), 'float16')).to.satisfy(Number.isNaN);
  });

  it('come back from the bytes of a file, for every type', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), fc.array(fc.double(), { maxLength: 8 }), (type, values) => {
        const bytes = bytesOf(values, type);
        const read = numbersOfBytes(bytes, type);
        values.forEach((value, i) => {
          expect(readBits(bytes, i, type)).equal(bitsOf(value, type));
          expect(numberOf(readBits(bytes, i, type), type)).deep.equal(read[i]);
          if (type === 'float') expect(read[i]).deep.equal(Math.fround(value));
          if (type === 'double') expect(read[i]).deep.equal(value);
        });
        const copy = Uint8Array.from(bytes);
        for (const i of values.keys()) writeBits(copy, i, type, readBits(bytes, i, type));
        expect(copy).deep.equal(bytes);
      }),
    );
  });

  it('never round out of their bounds', () => {
    const finite = fc.double({ min: -1e4, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...TYPES),
        finite,
        finite,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (type, a, b, t) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          const rounded = roundWithin(Math.min(high, low + t * (high - low)), type, low, high);
          if (rounded === undefined) return;
          expect(rounded).within(low, high);
          expect(numberOf(bitsOf(rounded, type), type)).equal(rounded);
        },
      ),
    );
    expect(roundWithin(0.1, 'float', 0.1, 0.1)).equal(undefined);
    expect(roundWithin(-1e-9, 'float16', -1e-9, 1)).equal(0);
  });
});

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

const change = (size: number) => {
  const bits = fc.bigInt({ min: 0n, max: (1n << BigInt(8 * size)) - 1n });
  return fc.record({ original: bits, locked: bits }).filter(({ original, locked }) => original !== locked);
};
const body: fc.Arbitrary<AdvParamsBody> = fc
  .uniqueArray(
    fc.constantFrom(...TYPES).chain((type) =>
      fc.record({
        name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        type: fc.constant(type),
        shape: fc.constantFrom([9], [3, 3], [1, 9, 1]),
        changes: fc
          .uniqueArray(fc.nat(8), { minLength: 1, maxLength: 9 })
          .chain((indices) =>
            fc.tuple(
              ...indices
                .sort((a, b) => a - b)
                .map((index) => change(FLOAT_BYTES[type]).map((bits) => ({ index, ...bits }))),
            ),
          ),
      }),
    ),
    { minLength: 1, maxLength: 4, selector: ({ name }) => name },
  )
  .map((layers) => ({ layers }));

describe('keys of AdvParams', () => {
  it('come back from JSON and from bytes', () => {
    fc.assert(
      fc.property(body, (key) => {
        expect(advParamsKey.fromBytes(advParamsKey.toBytes(key))).deep.equal(key);
        expect(advParamsKey.fromJson(JSON.parse(JSON.stringify(advParamsKey.toJson(key))))).deep.equal(key);
      }),
    );
  });

  it('are refused where they are cut off, go on, or are damaged', () => {
    fc.assert(
      fc.property(body, fc.nat(), fc.integer({ min: 1, max: 255 }), (key, where, by) => {
        const bytes = advParamsKey.toBytes(key);
        const refused = (wrong: Uint8Array) =>
          expect(() => advParamsKey.fromBytes(wrong))
            .throw()
            .include({ code: 'LOCK_KEY_FORMAT' });
        refused(bytes.subarray(0, where % bytes.length));
        refused(Buffer.concat([bytes, Buffer.of(0)]));
        const damaged = Uint8Array.from(bytes);
        damaged[where % bytes.length] ^= by;
        try {
          advParamsKey.fromBytes(damaged);
        } catch (error) {
          expect(error).include({ code: 'LOCK_KEY_FORMAT' });
        }
      }),
    );
  });

  it('are refused in JSON where anything is not as it should be', () => {
    const good = { name: 'w', type: 'float16', shape: [3], changes: [[0, '3c00', '3c01']] };
    const read = (...layers: object[]) => advParamsKey.fromJson({ layers } as never);
    expect(read(good).layers[0].changes).deep.equal([{ index: 0, original: 0x3c00n, locked: 0x3c01n }]);
    const wrong: object[] = [
      { ...good, name: 7 },
      { ...good, type: 'int8' },
      { ...good, type: 'toString' },
      { ...good, shape: [-3] },
      { ...good, shape: [1.5] },
      { ...good, shape: new Array(33).fill(1) },
      { ...good, more: 1 },
      { ...good, changes: [] },
      { ...good, changes: 'all' },
      { ...good, changes: [[3, '3c00', '3c01']] },
      { ...good, changes: [[0, '3C00', '3c01']] },
      { ...good, changes: [[0, '3c00', '3c0']] },
      { ...good, changes: [[0, '3c00', '3c00']] },
      { ...good, changes: [[0, '3c00', '3c01', 0]] },
      {
        ...good,
        changes: [
          [1, '3c00', '3c01'],
          [0, '3c00', '3c01'],
        ],
      },
      {
        ...good,
        changes: [
          [0, '3c00', '3c01'],
          [0, '3c00', '3c01'],
        ],
      },
    ];
    for (const one of wrong)
      expect(() => read(one), JSON.stringify(one))
        .throw()
        .include({ code: 'LOCK_KEY_FORMAT' });
    expect(() => read(good, good)).throw('twice');
    expect(() => read()).throw('no layer');
    for (const json of [null, 7, [], 'x', {}, { layers: 3 }, { layers: [], more: 1 }])
      expect(() => advParamsKey.fromJson(json as never))
        .throw()
        .include({ code: 'LOCK_KEY_FORMAT' });
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
