import { findPrimes } from '@tacit/he/backend';
import { expect } from 'chai';
import fc from 'fast-check';
import { FractionalCode } from '../../src/layers/fractional-code.js';
import { liftCentred } from '../../src/layers/lift.js';
import { evaluateForm, polynomialForm } from '../../src/layers/polynomial-form.js';
import { randomBelow, randomLimbs, reduceLimbs, reduceLimbsBig } from '../../src/layers/random.js';

const N = 1024;
const PRIMES = findPrimes(N, 30, 5);

describe('numbers behind encoded layers', () => {
  it('fractional digits give values back', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1000, max: 1000, noNaN: true }),
        fc.constantFrom(2, 3, 10),
        (value, base) => {
          const code = new FractionalCode(N, { base, fractionalDigits: 24 });
          const decoded = code.decode(code.encode(value));
          expect(Math.abs(decoded - value)).to.be.at.most(base ** -24 + 1e-12);
        },
      ),
    );
  });

  it('products of fractional digits are products of values', () => {
    const code = new FractionalCode(N, { fractionalDigits: 20 });
    const [a, b] = [code.encode(3.25), code.encode(-1.125)];
    const product = new BigInt64Array(N);
    a.forEach((x, i) => {
      b.forEach((y, j) => {
        product[(i + j) % N] += i + j < N ? x * y : -x * y;
      });
    });
    expect(code.decode(product)).to.equal(3.25 * -1.125);
  });

  it('digits of base 2 are never both not zero next to each other', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100000, max: 100000 }), (value) => {
        const digits = new FractionalCode(N).digits(value);
        for (let i = 0; i + 1 < digits.length; i++) expect(digits[i] * digits[i + 1]).to.equal(0);
      }),
    );
  });

  it('lifts residues to other primes around zero', () => {
    const [from, to] = [PRIMES.slice(0, 3), PRIMES.slice(3)];
    const q = from.reduce((product, p) => product * BigInt(p), 1n);
    const half = (q - 1n) / 2n;
    const values = [0n, 1n, -1n, half, -half, 123456789012345678901n, -98765432109876543210n];
    const residue = (value: bigint, p: number) => Number(((value % BigInt(p)) + BigInt(p)) % BigInt(p));
    const residues = from.map((p) => Float64Array.from(values, (value) => residue(value, p)));
    const lifted = liftCentred(residues, from, to);
    to.forEach((p, i) => {
      expect([...lifted[i]]).to.deep.equal(values.map((value) => residue(value, p)));
    });
  });

  it('draws masks below their bound, in all primes the same', () => {
    const limbs = randomLimbs(70, N);
    const [p, q] = [PRIMES[0], 1152921504606830593n];
    const [small, big] = [reduceLimbs(limbs, N, p), reduceLimbsBig(limbs, N, q)];
    const value = (i: number) => {
      let sum = 0n;
      for (let k = 4; k >= 0; k--) sum = (sum << 16n) | BigInt(limbs[k * N + i]);
      return sum;
    };
    let largest = 0n;
    for (let i = 0; i < N; i++) {
      expect(small[i]).to.equal(Number(value(i) % BigInt(p)));
      expect(big[i]).to.equal(value(i) % q);
      if (value(i) > largest) largest = value(i);
    }
    expect(largest < 1n << 70n).to.equal(true);
    expect(largest > 1n << 66n).to.equal(true);
    const below = randomBelow(1000n, 5000);
    expect(below.every((x) => x >= 0n && x < 1000n)).to.equal(true);
    expect(new Set(below).size).to.be.above(950);
  });

  it('polynomials keep their values in the form that is evaluated', () => {
    const coefficient = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(coefficient, { minLength: 2, maxLength: 4 }),
        fc.double({ min: 0.1, max: 2, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (lower, leading, x) => {
          const coefficients = [...lower, leading];
          const expected = coefficients.reduce((sum, c, k) => sum + c * x ** k, 0);
          expect(evaluateForm(polynomialForm(coefficients), x)).to.be.closeTo(expected, 1e-6 * 30 ** 4);
        },
      ),
    );
    expect(() => polynomialForm([1, 2])).to.throw('degree 1');
  });
});
