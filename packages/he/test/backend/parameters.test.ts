import { isPrime } from '@tacit/rlwe';
import { expect } from 'chai';
import type { BfvParameters, CkksParameters, HeLibrary } from '../../src/backend/library.js';
import { loadHeLibrary } from '../../src/backend/node-seal.js';
import { findBigPrimes, findPrimes, nextPlainModulus } from '../../src/backend/primes.js';

describe('primes', () => {
  it('are the largest that suit the ring', () => {
    expect(findPrimes(8192, 30, 3)).to.deep.equal([1073692673, 1073643521, 1073479681]);
    expect(findPrimes(8192, 30, 2, [1073692673])).to.deep.equal([1073643521, 1073479681]);
    for (const prime of findBigPrimes(4096, 60, 3)) {
      expect(prime % 8192n).to.equal(1n);
      expect(prime.toString(2)).to.have.lengthOf(60);
    }
  });

  it('are told from other numbers', () => {
    const sieve = (n: number) => {
      for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
      return n > 1;
    };
    for (let n = 0; n < 3000; n++) expect(isPrime(BigInt(n)), `${n}`).to.equal(sieve(n));
    expect(isPrime(2n ** 61n - 1n)).to.equal(true);
    // Strong pseudoprime to the bases 2, 3, 5, 7, 11, 13 and 17.
    expect(isPrime(341550071728321n)).to.equal(false);
  });

  it('that suit as plain modulus follow any number', () => {
    expect([2n, 40961n, 40962n, 65537n].map((n) => nextPlainModulus(4096, n))).to.deep.equal([
      40961n,
      40961n,
      65537n,
      65537n,
    ]);
    expect(() => nextPlainModulus(4096, 2n ** 60n - 5n)).to.throw(/60 bits/);
  });

  it('are missing where there are none', () => {
    expect(() => findPrimes(8192, 14, 1)).to.throw(/0 primes of 14 bits/);
    expect(() => findPrimes(8192, 53, 1)).to.throw(/52 bits/);
  });
});

describe('encryption parameters', () => {
  let library: HeLibrary;
  const primes = findPrimes(8192, 30, 8);
  const ckks: CkksParameters = {
    scheme: 'ckks',
    ringDegree: 8192,
    primes: primes.slice(0, 6),
    specialPrime: primes[6],
  };
  const bfv: BfvParameters = { scheme: 'bfv', ringDegree: 4096, plainModulus: 65537n };

  before(async () => {
    library = await loadHeLibrary();
  });

  const refusal = (parameters: CkksParameters | BfvParameters): string => {
    try {
      (parameters.scheme === 'ckks'
        ? library.createContext(parameters)
        : library.createContext(parameters)
      ).dispose();
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      expect(code).to.equal('HE_PARAMETERS');
      return message;
    }
    return expect.fail('no error');
  };

  it('describe the modulus chain', () => {
    const context = library.createContext(ckks);
    expect(context).to.include({ ringDegree: 8192, slotCount: 4096, levels: 6, modulusBits: 210 });
    const ids = new Set([1, 2, 3, 4, 5, 6].map((n) => Buffer.from(context.parametersId(n)).toString('hex')));
    ids.add(Buffer.from(context.keyParametersId).toString('hex'));
    expect(ids.size).to.equal(7);
    expect(() => context.parametersId(7)).to.throw(/1 to 6 data primes/);
    context.dispose();
    expect(() => context.generateSecretKey()).to.throw(/disposed/);
  });

  it('keep 128 bits of security unless more is asked for', () => {
    expect(library.maxModulusBits(8192)).to.equal(218);
    expect(library.maxModulusBits(8192, 256)).to.equal(118);
    expect(library.maxModulusBits(3)).to.equal(0);
    expect(refusal({ ...ckks, primes: primes.slice(0, 7), specialPrime: primes[7] })).to.match(
      /240 bits .* at most 218/,
    );
    expect(refusal({ ...ckks, securityBits: 192 })).to.include('at most 152');
    expect(refusal({ ...bfv, coefficientBits: [55, 55] })).to.include('at most 109');
  });

  it('are refused with a reason', () => {
    expect(refusal({ ...ckks, ringDegree: 5000 })).to.include('power of two');
    expect(refusal({ ...ckks, ringDegree: 512 })).to.include('1024');
    expect(refusal({ ...ckks, primes: [] })).to.include('at least one');
    expect(refusal({ ...ckks, primes: [primes[0], primes[0]] })).to.include('twice');
    expect(refusal({ ...ckks, primes: [97] })).to.include('1 modulo 16384');
    expect(refusal({ ...ckks, primes: [16384 * 3 + 1] })).to.include('not a prime');
    expect(refusal({ ...ckks, primes: [Number.NaN] })).to.include('whole number');
    expect(refusal({ ...ckks, securityBits: 100 as 128 })).to.include('128, 192 or 256');
    expect(refusal({ ...bfv, plainModulus: 1n })).to.include('2 to 2^60');
    expect(refusal({ ...bfv, plainModulus: 1n << 60n })).to.include('2 to 2^60');
    expect(refusal({ ...bfv, ringDegree: 1024, plainModulus: 1n << 40n })).to.include(
      'not below the modulus',
    );
    expect(refusal({ ...bfv, coefficientBits: [] })).to.include('at least one');
    expect(refusal({ ...bfv, coefficientBits: [61] })).to.include('20 to 60');
    expect(refusal({ ...bfv, plainModulus: 65538n })).to.include('the next one is 114689');
    const [shared] = findBigPrimes(4096, 30, 1);
    expect(refusal({ ...bfv, plainModulus: shared, coefficientBits: [40, 30] })).to.include(
      'one of the primes',
    );
  });

  it('never reach native code when they are wrong', () => {
    expect(library.nativeFailures).to.equal(0);
  });
});
