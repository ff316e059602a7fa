/** Weights as their bits: every float16, what files hold, and rounding that stays within bounds. */
import { fromFloat16 } from '@tacit/files';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  bitsOf,
  type FloatType,
  numberOf,
  numbersOfBytes,
  readBits,
  roundWithin,
  writeBits,
} from '../src/adv-params/number-bits.js';
import { bytesOf } from './helpers/classifiers.js';

const TYPES: readonly FloatType[] = ['float', 'float16', 'double'];

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
