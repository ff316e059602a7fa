import { findPrimes } from '@tacit/he/backend';
import { expect } from 'chai';
import fc from 'fast-check';
import { FractionalCode } from '../../src/layers/fractional-code.js';
import { liftCentred } from '../../src/layers/lift.js';
import { multiply, NegacyclicNtt } from '../../src/layers/negacyclic-ntt.js';
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

  it('multiplication modulo primes below 2^30 is exact', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        const q = PRIMES[0];
        expect(multiply(a % q, b % q, q)).to.equal(Number((BigInt(a % q) * BigInt(b % q)) % BigInt(q)));
      }),
    );
  });

  it('the transform multiplies polynomials modulo x^N + 1, and comes back', () => {
    const q = PRIMES[1];
    const ntt = new NegacyclicNtt(N, q);
    const a = new Float64Array(N);
    const b = new Float64Array(N);
    [a[0], a[N - 1], b[0], b[1]] = [5, q - 3, 2, 7];
    ntt.forward(a);
    ntt.forward(b);
    for (let i = 0; i < N; i++) a[i] = multiply(a[i], b[i], q);
    ntt.inverse(a);
    // (5 - 3 x^(N-1)) (2 + 7 x) = 10 + 21 + 35 x - 6 x^(N-1)
    expect([a[0], a[1], a[2], a[N - 1]]).to.deep.equal([31, 35, 0, q - 6]);
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
