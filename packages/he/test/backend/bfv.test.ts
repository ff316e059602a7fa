import { expect } from 'chai';
import fc from 'fast-check';
import type { BfvContext, Ciphertext, RelinearizationKey, SecretKey } from '../../src/backend/library.js';
import { loadHeLibrary } from '../../src/backend/node-seal.js';
import { nextPlainModulus } from '../../src/backend/primes.js';

const T = 65537n;

describe('BFV', () => {
  let context: BfvContext;
  let secret: SecretKey;
  let relinearization: RelinearizationKey;

  before(async () => {
    context = (await loadHeLibrary()).createContext({ scheme: 'bfv', ringDegree: 4096, plainModulus: T });
    secret = context.generateSecretKey();
    relinearization = context.loadRelinearizationKey(context.generateRelinearizationKey(secret));
  });

  after(() => context.dispose());

  const centred = (value: bigint) => {
    const reduced = ((value % T) + T) % T;
    return reduced > T / 2n ? reduced - T : reduced;
  };
  const encrypt = (values: bigint[]) =>
    context.encrypt(secret, context.encodeBatch(BigInt64Array.from(values)));
  const decrypt = (a: Ciphertext) => context.decodeBatch(context.decrypt(secret, a));
  const polynomial = (...coefficients: bigint[]) =>
    context.encodePolynomial(BigInt64Array.from(coefficients));
  const coefficients = (a: Ciphertext, count: number) =>
    Array.from(context.decodePolynomial(context.decrypt(secret, a)).subarray(0, count));

  it('computes exactly modulo t in every slot', () => {
    const number = fc.bigInt({ min: -(T / 2n), max: T / 2n });
    const list = fc.array(number, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        context.scope(() => {
          const [x, y] = [encrypt(a), encrypt(b)];
          const at = (values: bigint[], i: number) => values[i] ?? 0n;
          const check = (result: Ciphertext, expected: (i: number) => bigint) => {
            const found = decrypt(result);
            for (let i = 0; i < 42; i++) expect(found[i]).to.equal(centred(expected(i)));
          };
          check(context.add(x, y), (i) => at(a, i) + at(b, i));
          check(context.sub(x, y), (i) => at(a, i) - at(b, i));
          check(context.relinearize(context.multiply(x, y), relinearization), (i) => at(a, i) * at(b, i));
          const plain = context.encodeBatch(BigInt64Array.from(b));
          check(context.multiplyPlain(x, plain), (i) => at(a, i) * at(b, i));
          check(context.addPlain(x, plain), (i) => at(a, i) + at(b, i));
          const inNtt = context.multiplyPlain(context.toNtt(x), context.plainToNtt(plain, context.levels));
          check(context.fromNtt(inNtt), (i) => at(a, i) * at(b, i));
        });
      }),
      { numRuns: 10 },
    );
  });

  it('encodes polynomials', () => {
    context.scope(() => {
      const x = context.encrypt(secret, polynomial(3n, -5n, 7n));
      expect(coefficients(context.square(x), 6)).to.deep.equal([9n, -30n, 67n, -70n, 49n, 0n]);
      const top = new BigInt64Array(4096);
      top[4095] = 2n;
      // x^4096 = -1
      const wrapped = context.multiplyPlain(
        context.encrypt(secret, context.encodePolynomial(top)),
        polynomial(0n, 3n),
      );
      expect(coefficients(wrapped, 3)).to.deep.equal([-6n, 0n, 0n]);
      expect(
        coefficients(context.encrypt(secret, polynomial(T + 1n, -T - 2n, T / 2n + 1n)), 3),
      ).to.deep.equal([1n, -2n, -(T / 2n)]);
      expect(coefficients(context.encrypt(secret, polynomial()), 2)).to.deep.equal([0n, 0n]);
    });
  });

  it('multiplies by zero, by plaintexts and ciphertexts', () => {
    context.scope(() => {
      const x = context.encrypt(secret, polynomial(3n));
      const zero = context.multiplyPlain(x, polynomial(0n));
      expect(coefficients(zero, 2)).to.deep.equal([0n, 0n]);
      expect(coefficients(context.add(zero, x), 2)).to.deep.equal([3n, 0n]);
      expect(
        coefficients(context.relinearize(context.multiply(context.sub(x, x), x), relinearization), 2),
      ).to.deep.equal([0n, 0n]);
    });
  });

  it('raises to powers', () => {
    context.scope(() => {
      const x = encrypt([2n, -3n]);
      for (const exponent of [1, 2])
        expect(
          Array.from(decrypt(context.exponentiate(x, exponent, relinearization)).subarray(0, 2)),
        ).to.deep.equal([2n ** BigInt(exponent), (-3n) ** BigInt(exponent)]);
      expect(x.disposed).to.equal(false);
    });
    expect(() => context.scope(() => context.exponentiate(encrypt([1n]), 0, relinearization))).to.throw(
      /exponent/,
    );
  });

  it('rotates rows and columns', () => {
    context.scope(() => {
      const keys = context.loadGaloisKeys(context.generateGaloisKeys(secret, [0, 1, -1]));
      const values = Array.from({ length: 4096 }, (_, i) => BigInt(i));
      const x = encrypt(values);
      const left = decrypt(context.rotate(x, 1, keys));
      expect([left[0], left[2046], left[2047], left[2048], left[4095]]).to.deep.equal([
        1n,
        2047n,
        0n,
        2049n,
        2048n,
      ]);
      expect(decrypt(context.rotate(x, -1, keys))[0]).to.equal(2047n);
      expect(decrypt(context.rotateColumns(x, keys))[5]).to.equal(2053n);
      const without = context.loadGaloisKeys(context.generateGaloisKeys(secret, [1]));
      expect(() => context.rotateColumns(x, without)).to.throw(/exchange of rows/);
    });
  });

  it('loses noise budget in products, hardly in sums', () => {
    context.scope(() => {
      const x = encrypt([1n, 2n, 3n]);
      const budget = (a: Ciphertext) => context.invariantNoiseBudget(secret, a);
      expect(budget(x)).to.be.within(30, 60);
      expect(budget(context.add(x, x))).to.be.within(budget(x) - 2, budget(x));
      const product = context.relinearize(context.square(x), relinearization);
      expect(budget(product)).to.be.lessThan(budget(x) - 15);
      expect(budget(context.exponentiate(x, 8, relinearization))).to.equal(0);
      const small = context.modSwitch(product, 1);
      expect(small.primeCount).to.equal(1);
      expect(decrypt(small)[2]).to.equal(9n);
    });
  });

  it('has no key switching in a ring with one prime', async () => {
    const small = (await loadHeLibrary()).createContext({
      scheme: 'bfv',
      ringDegree: 2048,
      plainModulus: 12289n,
    });
    const key = small.generateSecretKey();
    small.scope(() => {
      const x = small.encrypt(key, small.encodePolynomial(BigInt64Array.of(6144n, 6145n)));
      expect(Array.from(small.decodePolynomial(small.decrypt(key, x)).subarray(0, 2))).to.deep.equal([
        6144n,
        -6144n,
      ]);
    });
    expect(() => small.generateRelinearizationKey(key))
      .to.throw()
      .with.property('code', 'HE_KEY');
    expect(() => small.generateGaloisKeys(key, [1]))
      .to.throw()
      .with.property('code', 'HE_KEY');
    small.dispose();
  });

  const codes: [string, string, () => unknown][] = [
    ['values beyond t', 'HE_ARGUMENT', () => context.encodeBatch(BigInt64Array.of(T))],
    ['too many values', 'HE_ARGUMENT', () => context.encodeBatch(new BigInt64Array(4097))],
    ['too many coefficients', 'HE_ARGUMENT', () => context.encodePolynomial(new BigInt64Array(4097))],
    ['NTT form twice', 'HE_ARGUMENT', () => context.toNtt(context.toNtt(encrypt([1n])))],
    ['NTT form undone where there is none', 'HE_ARGUMENT', () => context.fromNtt(encrypt([1n]))],
    ['decrypting NTT form', 'HE_ARGUMENT', () => decrypt(context.toNtt(encrypt([1n])))],
    [
      'a product of NTT form with another',
      'HE_ARGUMENT',
      () => context.multiplyPlain(context.toNtt(encrypt([1n])), polynomial(1n)),
    ],
    ['sums of both forms', 'HE_ARGUMENT', () => context.add(context.toNtt(encrypt([1n])), encrypt([1n]))],
    [
      'adding plaintexts in NTT form',
      'HE_ARGUMENT',
      () => context.addPlain(context.toNtt(encrypt([1n])), context.plainToNtt(polynomial(1n), 2)),
    ],
    [
      'encrypting plaintexts in NTT form',
      'HE_ARGUMENT',
      () => context.encrypt(secret, context.plainToNtt(polynomial(1n), 2)),
    ],
    [
      'plaintexts for another level',
      'HE_LEVEL',
      () => context.multiplyPlain(context.toNtt(encrypt([1n])), context.plainToNtt(polynomial(1n), 1)),
    ],
  ];
  for (const [name, code, action] of codes)
    it(`refuses ${name}`, async () => {
      const { nativeFailures } = await loadHeLibrary();
      expect(() => context.scope(action))
        .to.throw()
        .with.property('code', code);
      expect((await loadHeLibrary()).nativeFailures).to.equal(nativeFailures);
    });
});

describe('BFV with a plain modulus beyond the last primes', () => {
  for (const [ringDegree, plainModulus] of [
    [8192, 655379848191252n],
    [4096, 2n ** 40n],
  ] as const)
    it(`ring degree ${ringDegree}: the chain is shorter, and everything else works`, async () => {
      const library = await loadHeLibrary();
      const { nativeFailures } = library;
      const t = nextPlainModulus(ringDegree, plainModulus);
      using own = library.createContext({ scheme: 'bfv', ringDegree, plainModulus: t });
      const key = own.generateSecretKey();
      const bytes = own.encryptSeeded(key, own.encodeBatch(BigInt64Array.of(7n, -5n)));
      const loaded = own.loadCiphertext(own.saveCiphertext(own.loadCiphertext(bytes)));
      expect(loaded.primeCount).to.equal(own.levels);
      const doubled = own.add(loaded, loaded);
      expect([...own.decodeBatch(own.decrypt(key, doubled)).slice(0, 2)]).to.deep.equal([14n, -10n]);
      expect(() => own.modSwitch(loaded, 1))
        .to.throw()
        .with.property('code', 'HE_LEVEL');
      expect(library.nativeFailures).to.equal(nativeFailures);
    });
});
