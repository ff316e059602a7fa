import { expect } from 'chai';
import fc from 'fast-check';
import { inverseModulo, isPrime, multiplyModulo, RowTransforms } from '../src/index.js';

const N = 1024;
/** Below 2^30, and 1 modulo 2N. */
const PRIMES = [1073707009, 1073698817, 1073692673];

describe('rlwe: numbers modulo primes', () => {
  it('products and inverses are exact', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.constantFrom(...PRIMES), (a, b, q) => {
        expect(multiplyModulo(a % q, b % q, q)).to.equal(Number((BigInt(a % q) * BigInt(b % q)) % BigInt(q)));
        if (a % q !== 0) expect(multiplyModulo(a % q, inverseModulo(a, q), q)).to.equal(1);
      }),
    );
  });

  it('knows primes, also large ones, and strong pseudoprimes', () => {
    for (const prime of [2n, 3n, 41n, 43n, ...PRIMES.map(BigInt), 1152921504606830593n])
      expect(isPrime(prime), `${prime}`).to.equal(true);
    // 3215031751 passes the test to the bases 2, 3, 5 and 7.
    for (const other of [0n, 1n, 4n, 1073707011n, 3215031751n, 1152921504606830595n])
      expect(isPrime(other), `${other}`).to.equal(false);
  });

  it('transforms multiply polynomials modulo x^N + 1, and come back', async () => {
    const transforms = await RowTransforms.create({
      ringDegree: N,
      primes: PRIMES.slice(0, 2),
      specialPrime: PRIMES[2],
    });
    for (const [i, q] of PRIMES.entries()) {
      const a = new Float64Array(N);
      const b = new Float64Array(N);
      [a[0], a[N - 1], b[0], b[1]] = [5, q - 3, 2, 7];
      transforms.forward(a, i);
      transforms.forward(b, i);
      for (let k = 0; k < N; k++) a[k] = multiplyModulo(a[k], b[k], q);
      transforms.inverse(a, i);
      // (5 - 3 x^(N-1)) (2 + 7 x) = 10 + 21 + 35 x - 6 x^(N-1)
      expect([a[0], a[1], a[2], a[N - 1]]).to.deep.equal([31, 35, 0, q - 6]);
    }
    expect(() => transforms.forward(new Float64Array(5), 0)).to.throw('5 residues');
    expect(() => transforms.forward(new Float64Array(N), 3)).to.throw('prime 3');
  });
});
