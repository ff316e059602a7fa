import { expect } from 'chai';
import fc from 'fast-check';
import { packedBytes } from '../src/index.js';
import * as reference from '../src/reference/index.js';
import { check, expectCode, expectSame, LENGTHS, loadedRing, wordSource } from './support.js';

const ring = loadedRing();

describe('ring: packing', () => {
  it('every width, lengths around its blocks', () => {
    for (let bits = 1; bits <= 64; bits++)
      for (const n of [0, 1, 2, 3, 5, 8, 67]) {
        const words = wordSource(bits * 100 + n);
        const [values, acc] = [words(n), words(n)];
        const wanted = reference.pack(values, bits);
        const bytes = new Uint8Array(wanted.length);
        ring().pack(bytes, values, bits);
        expect(bytes, `pack ${n} x ${bits}`).to.deep.equal(wanted);
        const out = new BigUint64Array(n);
        ring().unpack(out, bytes, bits);
        expectSame(out, reference.unpack(wanted, n, bits), `unpack ${n} x ${bits}`);
        const sum = acc.slice();
        ring().unpackAdd(sum, bytes, bits);
        expectSame(sum, reference.unpackAdd(acc, wanted, bits), `unpackAdd ${n} x ${bits}`);
      }
  });

  it('long arrays and bytes at any offset, wherever they are', () => {
    const bits = fc.oneof(fc.constantFrom(64, 48, 32, 16, 8), fc.integer({ min: 1, max: 64 }));
    check(
      fc.property(
        fc.integer(),
        fc.constantFrom(...LENGTHS),
        bits,
        fc.nat(9),
        fc.nat(3),
        (seed, n, width, shift, inside) => {
          const values = wordSource(seed)(n);
          const size = packedBytes(n, width);
          const mark = ring().scratch.mark();
          const room = inside & 1 ? ring().scratch.bytes(size + shift + 8) : new Uint8Array(size + shift + 8);
          const words = inside & 2 ? ring().scratch.words(n) : new BigUint64Array(n);
          words.set(values);
          room.fill(0xa5);
          const bytes = room.subarray(shift, shift + size);
          ring().pack(bytes, words, width);
          expect(
            [...room.subarray(0, shift), ...room.subarray(shift + size)].every((x) => x === 0xa5),
          ).to.equal(true);
          words.fill(7n);
          ring().unpack(words, bytes, width);
          expectSame(
            words,
            reference.map((x) => reference.low(x, width), values),
            `${n} x ${width}`,
          );
          ring().unpackAdd(words, bytes, width);
          expectSame(
            words,
            reference.map((x) => reference.low(2n * x, width), values),
            `added ${n} x ${width}`,
          );
          ring().scratch.release(mark);
        },
      ),
    );
  });

  it('refuses wrong lengths and widths', () => {
    const words = new BigUint64Array(3);
    expectCode(() => ring().pack(new Uint8Array(7), words, 16), 'RING_SHAPE');
    expectCode(() => ring().unpack(words, new Uint8Array(5), 16), 'RING_SHAPE');
    expectCode(() => ring().pack(new Uint8Array(0), words, 0), 'RING_ARGUMENT');
    expectCode(() => ring().pack(new Uint8Array(25), words, 65), 'RING_ARGUMENT');
  });
});
