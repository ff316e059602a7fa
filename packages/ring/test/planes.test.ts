import fc from 'fast-check';
import { type BitInstruction, BitOp, encodeBitProgram, planeWords } from '../src/index.js';
import * as reference from '../src/reference/index.js';
import { check, expectCode, expectSame, loadedRing, placed, wordSource } from './support.js';

const ring = loadedRing();

describe('ring: bit planes', () => {
  it('words to planes and back, any bits and lengths', () => {
    const length = fc.oneof(fc.constantFrom(0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 500), fc.nat(300));
    check(
      fc.property(
        fc.integer(),
        length,
        fc.nat(63),
        fc.nat(64),
        fc.nat(3),
        (seed, n, firstBit, extra, inside) => {
          const count = Math.min(64 - firstBit, extra);
          const words = wordSource(seed)(n);
          const wanted = reference.toPlanes(words, firstBit, count);
          const mark = ring().scratch.mark();
          const junk = wordSource(seed + 1);
          const [from, planes, back] = placed(
            ring(),
            [words, junk(wanted.length), junk(n)],
            (i) => ((inside >> (i % 2)) & 1) === 1,
          );
          ring().toPlanes(planes, from, n, firstBit, count);
          expectSame(planes, wanted, `planes of ${n}, bits ${firstBit} + ${count}`);
          ring().fromPlanes(back, planes, n, firstBit, count);
          expectSame(back, reference.fromPlanes(wanted, n, firstBit, count), `words of ${n}`);
          ring().scratch.release(mark);
        },
      ),
      150,
    );
  });

  it('of a whole block', () => {
    const words = wordSource(1)(4096);
    const planes = new BigUint64Array(64 * planeWords(4096));
    ring().toPlanes(planes, words, 4096, 0, 64);
    const back = new BigUint64Array(4096);
    ring().fromPlanes(back, planes, 4096, 0, 64);
    expectSame(back, words);
  });

  it('refuses what does not fit', () => {
    const [words, planes] = [new BigUint64Array(10), new BigUint64Array(4)];
    expectCode(() => ring().toPlanes(planes, words, 10, 0, 3), 'RING_SHAPE');
    expectCode(() => ring().toPlanes(planes, words, 11, 0, 2), 'RING_SHAPE');
    expectCode(() => ring().toPlanes(planes, words, 10, 60, 5), 'RING_ARGUMENT');
  });
});

describe('ring: bit programs', () => {
  const PLANES = 9;
  const plane = fc.nat(PLANES - 1);
  const instruction: fc.Arbitrary<BitInstruction> = fc.tuple(
    fc.constantFrom(...Object.values(BitOp)),
    plane,
    plane,
    plane,
    plane,
  );

  it('compute what the reference computes', () => {
    check(
      fc.property(
        fc.integer(),
        fc.array(instruction, { maxLength: 40 }),
        fc.integer({ min: 0, max: 33 }),
        fc.boolean(),
        (seed, instructions, half, inside) => {
          const words = half * 2;
          const start = wordSource(seed)(PLANES * words);
          const wanted = reference.runBitProgram(encodeBitProgram(instructions), start, words);
          const mark = ring().scratch.mark();
          const [once, compiled] = placed(ring(), [start, start], () => inside);
          if (words > 0) ring().bitProgram(encodeBitProgram(instructions), once, words);
          if (words > 0) expectSame(once, wanted);
          ring().compileBitProgram(instructions, PLANES).run(compiled, words);
          expectSame(compiled, wanted);
          ring().scratch.release(mark);
        },
      ),
    );
  });

  it('are checked when compiled and when run', () => {
    expectCode(() => ring().compileBitProgram([[BitOp.XOR, 0, 1, 2]], 2), 'RING_ARGUMENT');
    expectCode(() => ring().compileBitProgram([[BitOp.XOR, -1, 0, 0]], 2), 'RING_ARGUMENT');
    expectCode(() => ring().compileBitProgram([[9, 0, 0, 0]], 2), 'RING_ARGUMENT');
    expectCode(() => ring().compileBitProgram(Int32Array.of(0, 0, 0, 0), 2), 'RING_ARGUMENT');
    const program = ring().compileBitProgram([[BitOp.NOT, 1, 0]], 2);
    expectCode(() => program.run(new BigUint64Array(7), 4), 'RING_SHAPE');
    expectCode(() => program.run(new BigUint64Array(6), 3), 'RING_ARGUMENT');
    expectCode(
      () => ring().bitProgram(Int32Array.of(0, 2, 0, 0, 0), new BigUint64Array(8), 4),
      'RING_ARGUMENT',
    );
  });
});
