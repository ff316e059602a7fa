import { expect } from 'chai';
import fc from 'fast-check';
import { EncodeRangeError } from '../src/index.js';
import * as reference from '../src/reference/index.js';
import { check, expectCode, expectSame, loadedRing } from './support.js';

const ring = loadedRing();

describe('ring: fixed point', () => {
  it('encodes exactly as the definition, ties to even', () => {
    const values = fc.array(
      fc.oneof(
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.integer().map((i) => i / 2 ** 17),
        fc.integer(),
        fc.constantFrom(0, -0, -1, -1 / 65536, -1 / 131072, 1 / 131072, 3 / 131072, -3 / 131072, 1e-300),
      ),
      { maxLength: 50 },
    );
    check(
      fc.property(values, fc.integer({ min: 0, max: 30 }), (numbers, f) => {
        const wanted = BigUint64Array.from(numbers, (x) => reference.wrap(reference.encodeExactly(x, f)));
        expectSame(ring().encode(numbers, f), wanted);
        expectSame(ring().encode(Float64Array.from(numbers), f), wanted);
        const singles = Float32Array.from(numbers);
        const rounded = BigUint64Array.from(singles, (x) => reference.wrap(reference.encodeExactly(x, f)));
        expectSame(ring().encode(singles, f), rounded);
      }),
      200,
    );
  });

  it('has no off-by-one at negative integers', () => {
    for (const f of [0, 1, 16, 40]) {
      const integers = Int32Array.from({ length: 9000 }, (_, i) => i - 4500);
      const words = ring().encode(integers, f);
      expectSame(
        words,
        BigUint64Array.from(integers, (x) => reference.wrap(BigInt(x) << BigInt(f))),
      );
      expect([...ring().decode(words, f)]).to.deep.equal([...integers]);
      expect([...ring().decode(words, f, 'float32')]).to.deep.equal([...integers]);
    }
  });

  it('decodes with one rounding', () => {
    check(
      fc.property(fc.array(fc.bigInt(0n, 2n ** 64n - 1n)), fc.integer({ min: 0, max: 63 }), (list, f) => {
        const words = BigUint64Array.from(list);
        const doubles = list.map((w) => reference.decode(w, f));
        expect([...ring().decode(words, f)]).to.deep.equal(doubles);
      }),
    );
    // Through a double, this would be rounded twice and end at 2^60.
    const twice = 2n ** 60n + 2n ** 36n + 1n;
    const words = BigUint64Array.of(twice, reference.wrap(-twice));
    expect([...ring().decode(words, 0, 'float32')]).to.deep.equal([2 ** 60 + 2 ** 37, -(2 ** 60) - 2 ** 37]);
  });

  it('encodes into an array of the same length', () => {
    const out = new BigUint64Array(2);
    ring().encodeInto(out, [1.5, -2], 16);
    expectSame(out, ring().encode([1.5, -2], 16));
    expectCode(() => ring().encodeInto(out, [1], 16), 'RING_SHAPE');
  });

  it('names the value that cannot be encoded', () => {
    for (const bad of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      2 ** 46,
      -(2 ** 46),
      1e300,
    ]) {
      const values = new Float64Array(5000);
      values[4500] = bad;
      try {
        ring().encode(values, 16);
        expect.fail('encoded');
      } catch (error) {
        expect(error).to.be.instanceOf(EncodeRangeError);
        expect(error).to.include({ code: 'VALUE_OUT_OF_RANGE', index: 4500 });
        expect((error as EncodeRangeError).value).to.deep.equal(bad);
      }
      expectCode(() => ring().checkEncodable(values, 16), 'VALUE_OUT_OF_RANGE');
    }
    ring().checkEncodable([2 ** 45], 16);
    expect(ring().encode([2 ** 45], 16)[0]).to.equal(2n ** 61n);
    expect(ring().encode([-32767.5], 16, { integerBits: 15 })[0]).to.equal(
      reference.wrap(-32767n * 65536n - 32768n),
    );
    expectCode(() => ring().encode([32768], 16, { integerBits: 15 }), 'VALUE_OUT_OF_RANGE');
    expectCode(() => ring().encode([32767.999999999], 16, { integerBits: 15 }), 'VALUE_OUT_OF_RANGE');
    expectCode(() => ring().encode([1], 63), 'RING_ARGUMENT');
    expectCode(() => ring().encode([1], 16, { integerBits: 48 }), 'RING_ARGUMENT');
  });
});
