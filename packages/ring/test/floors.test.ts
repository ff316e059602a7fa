import { expect } from 'chai';
import fc from 'fast-check';
import { stepsFit, stepWords } from '../src/floors.js';
import { low, wrap } from '../src/reference/word.js';
import type { Words } from '../src/words.js';
import { check, expectCode, expectSame, loadedRing, wordSource } from './support.js';

const ring = loadedRing();

/** T_0 and 1 - 2 r_t of one mask. */
function floors(r: bigint, l: number, f: number): { t0: bigint; step: bigint } {
  const top = (r >> BigInt(l - 1)) & 1n;
  const t0 = (top << BigInt(l - 1 - f)) - (low(r, l - 1) >> BigInt(f));
  return { t0: wrap(t0), step: 1n - 2n * top };
}

const stepsOf = (steps: Words, n: number): number[] => [...new Int32Array(steps.buffer, steps.byteOffset, n)];

describe('ring: masked floors', () => {
  const cases = fc.record({
    seed: fc.integer(),
    n: fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 5, 8193), fc.nat(300)),
    l: fc.integer({ min: 1, max: 64 }),
    drop: fc.nat(63),
  });

  it('are the two floors, and the first with the step to the second', () => {
    check(
      fc.property(cases, fc.boolean(), ({ seed, n, l, drop }, inScratch) => {
        const f = drop % l;
        const r = wordSource(seed)(n);
        const wanted = [...r].map((v) => floors(v, l, f));
        const { scratch } = ring();
        const mark = scratch.mark();
        const words = (count: number) => (inScratch ? scratch.words(count) : new BigUint64Array(count));
        const [t0, t1, out, steps] = [words(n), words(n), words(n), words(stepWords(n))];
        ring().maskedFloors(t0, t1, r, l, f);
        expectSame(
          t0,
          BigUint64Array.from(wanted, ({ t0 }) => t0),
        );
        const second = wanted.map(({ t0, step }) => wrap(t0 + (step << BigInt(l - 1 - f))));
        expectSame(t1, BigUint64Array.from(second));
        t0.fill(0n);
        ring().floorSteps(t0, steps, r, l, f);
        expectSame(
          t0,
          BigUint64Array.from(wanted, ({ t0 }) => t0),
        );
        expect(stepsOf(steps, n)).deep.equal(wanted.map(({ step }) => Number(step)));
        if (stepsFit(l, f)) {
          // Shared modulo 2^32: what the halves add up to is a step, whatever the halves are.
          const share = new BigUint64Array(wordSource(seed + 1)(stepWords(n)));
          const rest = new BigUint64Array(share.length);
          ring().subHalves(rest, steps, share);
          ring().addSteps(out, t0, share, l - 1 - f);
          ring().addSteps(out, out, rest, l - 1 - f);
          const modulus = Math.min(64, 32 + l - 1 - f);
          expect([...out].map((v) => low(v, modulus))).deep.equal(second.map((v) => low(v, modulus)));
          expect(modulus).equal(64);
        }
        scratch.release(mark);
      }),
      60,
    );
  });

  it('steps can be chosen', () => {
    const bits = BigUint64Array.of(1n, 0n, 1n);
    const steps = BigUint64Array.of(0x00000001_ffffffffn, 7n);
    const out = new BigUint64Array(2);
    ring().selectSteps(out, steps, bits);
    expectSame(out, BigUint64Array.of(0x00000000_ffffffffn, 7n));
  });

  it('refuses what does not fit', () => {
    const [two, three] = [new BigUint64Array(2), new BigUint64Array(3)];
    expectCode(() => ring().maskedFloors(two, two, three, 64, 1), 'RING_SHAPE');
    expectCode(() => ring().floorSteps(three, three, three, 64, 1), 'RING_SHAPE');
    expectCode(() => ring().addSteps(three, three, three, 1), 'RING_SHAPE');
    expectCode(() => ring().maskedFloors(two, two, two, 65, 1), 'RING_ARGUMENT');
    expectCode(() => ring().maskedFloors(two, two, two, 8, 8), 'RING_ARGUMENT');
  });
});
