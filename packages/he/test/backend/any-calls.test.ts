import { expect } from 'chai';
import type { Ciphertext, HeLibrary, Plaintext } from '../../src/backend/library.js';
import { loadHeLibrary } from '../../src/backend/node-seal.js';
import { findPrimes } from '../../src/backend/primes.js';
import { HeError } from '../../src/errors.js';
import { generator } from '../helpers/mutations.js';

/** A native exception costs stack for good, so no call, however senseless, may cause one. */
describe('calls in any order with any arguments', () => {
  let library: HeLibrary;
  let random: (below: number) => number;
  const ciphertexts: Ciphertext[] = [];
  const plaintexts: Plaintext[] = [];

  before(async () => {
    library = await loadHeLibrary();
    random = generator(5);
    ciphertexts.length = 0;
  });
  beforeEach(() => {
    ciphertexts.length = 0;
    plaintexts.length = 0;
  });

  const pick = <T>(list: readonly T[]): T => list[random(list.length)];

  function run(operations: readonly (() => unknown)[], count: number): { done: number; refused: number } {
    const { nativeFailures } = library;
    let done = 0;
    let refused = 0;
    for (let i = 0; i < count; i++) {
      try {
        const result = pick(operations)() as { kind?: string } | undefined;
        if (result?.kind === 'ciphertext') keep(ciphertexts, result as Ciphertext);
        if (result?.kind === 'plaintext') keep(plaintexts, result as Plaintext);
        done++;
      } catch (error) {
        if (!(error instanceof HeError)) throw error;
        refused++;
        if (library.nativeFailures > nativeFailures) throw error;
      }
      expect(library.nativeFailures).to.equal(nativeFailures);
    }
    return { done, refused };
  }

  function keep<H extends { dispose(): void }>(list: H[], handle: H): void {
    list.push(handle);
    // The first ones stay, as fresh material.
    if (list.length > 24) list.splice(2 + random(list.length - 2), 1)[0].dispose();
  }

  it('end well or with a code in CKKS', () => {
    const primes = findPrimes(2048, 18, 3);
    const context = library.createContext({
      scheme: 'ckks',
      ringDegree: 2048,
      primes: primes.slice(0, 2),
      specialPrime: primes[2],
    });
    const secret = context.generateSecretKey();
    const relinearization = context.loadRelinearizationKey(context.generateRelinearizationKey(secret));
    const galois = context.loadGaloisKeys(context.generateGaloisKeys(secret, [1, -2]));
    const c = () => pick(ciphertexts);
    const p = () => pick(plaintexts);
    const level = () => random(4);
    const scale = () =>
      pick([0, 1e-300, 2 ** -5, 1, 2 ** 8, 2 ** 12, 2 ** 17, 2 ** 30, 2 ** 35, 2 ** 36, 1e300, Number.NaN]);
    const values = () =>
      Float64Array.from(
        { length: pick([0, 1, 5, 1024, 1025]) },
        () => pick([0, 1, -1, 0.3, 1e5, 1e-200, 1e300]) * random(9),
      );
    plaintexts.push(
      context.encode(Float64Array.of(1), 2 ** 8),
      context.encode(Float64Array.of(1), 2 ** 8, 1),
    );
    ciphertexts.push(context.encrypt(secret, p()), context.encrypt(secret, p()));
    const { done, refused } = run(
      [
        () => context.encode(values(), scale(), pick([undefined, level()])),
        () => context.encrypt(secret, p()),
        () => context.encryptSeeded(secret, p()),
        () => context.decrypt(secret, c()),
        () => context.decode(p()),
        () => context.add(c(), c()),
        () => context.addInPlace(c(), c()),
        () => context.sub(c(), c()),
        () => context.negate(c()),
        () => context.addPlain(c(), p()),
        () => context.subPlain(c(), p()),
        () => context.multiplyPlain(c(), p()),
        () => context.multiply(c(), c()),
        () => context.square(c()),
        () => context.relinearize(c(), relinearization),
        () => context.rescale(c()),
        () => context.modSwitch(c(), level()),
        () => context.plainModSwitch(p(), level()),
        () => context.rotate(c(), pick([0, 1, -2, 2, 1024, 0.5]), galois),
        () => context.setScale(c(), scale()),
        () => context.loadCiphertext(context.saveCiphertext(c())),
      ],
      3000,
    );
    expect(done).to.be.greaterThan(300);
    expect(refused).to.be.greaterThan(300);
    context.dispose();
  });

  it('end well or with a code in BFV', () => {
    const context = library.createContext({
      scheme: 'bfv',
      ringDegree: 2048,
      plainModulus: 12289n,
      coefficientBits: [27, 27],
    });
    const secret = context.generateSecretKey();
    const relinearization = context.loadRelinearizationKey(context.generateRelinearizationKey(secret));
    const galois = context.loadGaloisKeys(context.generateGaloisKeys(secret, [1, 0]));
    const c = () => pick(ciphertexts);
    const p = () => pick(plaintexts);
    const values = () =>
      BigInt64Array.from({ length: pick([0, 1, 5, 2048, 2049]) }, () =>
        pick([0n, 1n, -1n, 6144n, -6144n, 6145n, 1n << 62n]),
      );
    const small = () => BigInt64Array.from({ length: 3 }, () => BigInt(random(100)));
    plaintexts.push(
      context.encodeBatch(BigInt64Array.of(1n)),
      context.plainToNtt(context.encodeBatch(BigInt64Array.of(1n)), 1),
    );
    ciphertexts.push(
      context.encrypt(secret, plaintexts[0]),
      context.toNtt(context.encrypt(secret, plaintexts[0])),
    );
    const { done, refused } = run(
      [
        () => context.encodeBatch(pick([values(), small()])),
        () => context.encodePolynomial(pick([values(), small()])),
        () => context.decodeBatch(p()),
        () => context.decodePolynomial(p()),
        () => context.encrypt(secret, p()),
        () => context.encryptSeeded(secret, p()),
        () => context.decrypt(secret, c()),
        () => context.invariantNoiseBudget(secret, c()),
        () => context.add(c(), c()),
        () => context.addInPlace(c(), c()),
        () => context.sub(c(), c()),
        () => context.negate(c()),
        () => context.addPlain(c(), p()),
        () => context.subPlain(c(), p()),
        () => context.multiplyPlain(c(), p()),
        () => context.multiply(c(), c()),
        () => context.square(c()),
        () => context.relinearize(c(), relinearization),
        () => context.modSwitch(c(), random(3)),
        () => context.toNtt(c()),
        () => context.fromNtt(c()),
        () => context.plainToNtt(p(), random(3)),
        () => context.rotate(c(), pick([0, 1, 2, 1024]), galois),
        () => context.rotateColumns(c(), galois),
        () => context.exponentiate(c(), pick([0, 1, 2, 3]), relinearization),
        () => context.loadCiphertext(context.saveCiphertext(c())),
      ],
      2000,
    );
    expect(done).to.be.greaterThan(300);
    expect(refused).to.be.greaterThan(300);
    context.dispose();
  });
});
