import { expect } from 'chai';
import type {
  Ciphertext,
  CkksContext,
  GaloisKeys,
  RelinearizationKey,
  SecretKey,
} from '../../src/backend/library.js';
import { loadHeLibrary } from '../../src/backend/node-seal.js';
import { findPrimes } from '../../src/backend/primes.js';

const SCALE = 2 ** 26;

describe('CKKS', () => {
  let context: CkksContext;
  let secret: SecretKey;
  let relinearization: RelinearizationKey;
  let galois: GaloisKeys;
  const primes = findPrimes(4096, 27, 4);
  const values = Float64Array.from({ length: 2048 }, (_, i) => Math.sin(i));
  const others = Float64Array.from({ length: 2048 }, (_, i) => Math.cos(3 * i));

  before(async () => {
    const library = await loadHeLibrary();
    context = library.createContext({
      scheme: 'ckks',
      ringDegree: 4096,
      primes: primes.slice(0, 3),
      specialPrime: primes[3],
    });
    secret = context.generateSecretKey();
    relinearization = context.loadRelinearizationKey(context.generateRelinearizationKey(secret));
    galois = context.loadGaloisKeys(context.generateGaloisKeys(secret, [1, -3, 1, 1000]));
  });

  after(() => context.dispose());

  const encrypt = (x: Float64Array, scale = SCALE, level = 3) =>
    context.encrypt(secret, context.encode(x, scale, level));
  const decrypt = (x: Ciphertext) => context.decode(context.decrypt(secret, x));
  const close = (found: Float64Array, expected: (i: number) => number, tolerance = 1e-3) => {
    for (let i = 0; i < found.length; i += 7)
      expect(found[i], `slot ${i}`).to.be.closeTo(expected(i), tolerance);
  };

  it('encrypts with the secret key, as bytes, and with the public key', () => {
    context.scope(() => {
      const plain = context.encode(values, SCALE);
      close(decrypt(context.encrypt(secret, plain)), (i) => values[i]);
      const seeded = context.encryptSeeded(secret, plain);
      const loaded = context.loadCiphertext(seeded);
      close(decrypt(loaded), (i) => values[i]);
      expect(seeded.length).to.be.lessThan(context.saveCiphertext(loaded).length * 0.51);
      expect(context.expandCiphertext(seeded)).to.deep.equal(context.saveCiphertext(loaded));
      const publicKey = context.loadPublicKey(context.generatePublicKey(secret));
      close(decrypt(context.encrypt(publicKey, plain)), (i) => values[i]);
    });
  });

  it('gives different ciphertexts of the same plaintext', () => {
    context.scope(() => {
      const plain = context.encode(values, SCALE);
      expect(context.encryptSeeded(secret, plain)).to.not.deep.equal(context.encryptSeeded(secret, plain));
    });
  });

  it('adds, subtracts, negates', () => {
    context.scope(() => {
      const [a, b, plain] = [encrypt(values), encrypt(others), context.encode(others, SCALE)];
      close(decrypt(context.add(a, b)), (i) => values[i] + others[i]);
      close(decrypt(context.sub(a, b)), (i) => values[i] - others[i]);
      close(decrypt(context.negate(a)), (i) => -values[i]);
      close(decrypt(context.addPlain(a, plain)), (i) => values[i] + others[i]);
      close(decrypt(context.subPlain(a, plain)), (i) => values[i] - others[i]);
      context.addInPlace(a, b);
      close(decrypt(a), (i) => values[i] + others[i]);
    });
  });

  it('multiplies, relinearises, rescales', () => {
    context.scope(() => {
      const [a, b] = [encrypt(values), encrypt(others)];
      const product = context.multiply(a, b);
      expect(product).to.include({ size: 3, scale: SCALE * SCALE });
      close(decrypt(product), (i) => values[i] * others[i]);
      const small = context.rescale(context.relinearize(product, relinearization));
      expect(small).to.include({ size: 2, primeCount: 2, scale: (SCALE * SCALE) / primes[2] });
      close(decrypt(small), (i) => values[i] * others[i]);
      close(decrypt(context.relinearize(context.square(a), relinearization)), (i) => values[i] ** 2);
      close(decrypt(context.multiplyPlain(a, context.encode(others, SCALE))), (i) => values[i] * others[i]);
    });
  });

  it('rotates to the left', () => {
    context.scope(() => {
      const a = encrypt(values);
      // The key switch disturbs the first slots most; with primes of 27 bits by some thousandths.
      for (const step of [1, -3, 1000])
        close(decrypt(context.rotate(a, step, galois)), (i) => values[(i + step + 2048) % 2048], 0.05);
      close(decrypt(context.rotate(a, 0, galois)), (i) => values[i]);
    });
  });

  it('works at lower levels', () => {
    context.scope(() => {
      const a = context.modSwitch(encrypt(values), 1);
      const plain = context.encode(others, SCALE / 8, 1);
      expect([a.primeCount, plain.primeCount]).to.deep.equal([1, 1]);
      const b = encrypt(others, SCALE / 8, 1);
      close(decrypt(context.addPlain(b, plain)), (i) => 2 * others[i]);
      expect(context.saveCiphertext(a).length).to.equal(113 + 2 * 4096 * 8);
      close(decrypt(context.loadCiphertext(context.saveCiphertext(b))), (i) => others[i]);
    });
  });

  it('multiplies by zero', () => {
    context.scope(() => {
      const a = encrypt(values);
      const zero = context.multiplyPlain(a, context.encode(new Float64Array(0), SCALE));
      expect(Math.max(...decrypt(zero).map(Math.abs))).to.equal(0);
      const difference = context.sub(a, a);
      expect(Math.max(...decrypt(difference).map(Math.abs))).to.equal(0);
      close(decrypt(context.add(zero, context.multiply(a, a))), (i) => values[i] ** 2);
      expect(decrypt(context.rotate(context.rescale(zero), 1, galois))[5]).to.equal(0);
      expect(decrypt(context.loadCiphertext(context.saveCiphertext(difference)))[5]).to.equal(0);
    });
  });

  it('keeps the secret key as bytes', () => {
    const bytes = context.saveSecretKey(secret);
    context.scope(() => {
      const again = context.loadSecretKey(bytes);
      close(context.decode(context.decrypt(again, encrypt(values))), (i) => values[i]);
      const other = context.generateSecretKey();
      expect(
        Math.abs(context.decode(context.decrypt(other, encrypt(values)))[3] - values[3]),
      ).to.be.greaterThan(1e-2);
    });
  });

  it('expands keys to bytes that do the same', () => {
    context.scope(() => {
      const seeded = context.generateGaloisKeys(secret, [2, 7]);
      const expanded = context.expandGaloisKeys(seeded);
      expect(expanded.length).to.be.greaterThan(seeded.length * 1.7);
      expect(context.expandGaloisKeys(expanded)).to.deep.equal(expanded);
      const keys = context.loadGaloisKeys(expanded);
      expect([2, 7, 3, -2, 5000, 0.5].map((step) => keys.hasStep(step))).to.deep.equal([
        true,
        true,
        false,
        false,
        false,
        false,
      ]);
      const a = encrypt(values);
      const bytes = context.saveCiphertext(context.rotate(a, 7, keys));
      expect(bytes).to.deep.equal(
        context.saveCiphertext(context.rotate(a, 7, context.loadGaloisKeys(seeded))),
      );
    });
  });

  const codes: [string, string, () => unknown][] = [
    ['scales that differ', 'HE_SCALE', () => context.add(encrypt(values), encrypt(values, SCALE * 2))],
    ['levels that differ', 'HE_LEVEL', () => context.add(encrypt(values), encrypt(values, SCALE, 2))],
    [
      'a plaintext of another level',
      'HE_LEVEL',
      () => context.addPlain(encrypt(values), context.encode(values, SCALE, 2)),
    ],
    ['a product beyond the modulus', 'HE_SCALE', () => context.square(encrypt(values, 2 ** 41))],
    ['a scale beyond the level', 'HE_SCALE', () => context.modSwitch(encrypt(values, 2 ** 40), 1)],
    ['values beyond the modulus', 'HE_SCALE', () => context.encode(Float64Array.of(1e10), 2 ** 60)],
    ['values beyond a lower level', 'HE_SCALE', () => context.encode(Float64Array.of(8), 2 ** 25, 1)],
    ['a scale of zero', 'HE_SCALE', () => context.encode(values, 0)],
    ['NaN', 'HE_ARGUMENT', () => context.encode(Float64Array.of(Number.NaN), SCALE)],
    ['too many values', 'HE_ARGUMENT', () => context.encode(new Float64Array(2049), SCALE)],
    [
      'rescaling the last prime',
      'HE_LEVEL',
      () => context.rescale(context.modSwitch(encrypt(values, 1000), 1)),
    ],
    ['raising the level', 'HE_LEVEL', () => context.modSwitch(encrypt(values, SCALE, 2), 3)],
    ['a level that is none', 'HE_LEVEL', () => context.modSwitch(encrypt(values), 0)],
    ['a step without a key', 'HE_KEY', () => context.rotate(encrypt(values), 2, galois)],
    ['a step beyond the slots', 'HE_ARGUMENT', () => context.rotate(encrypt(values), 2048, galois)],
    ['rotating a product', 'HE_ARGUMENT', () => context.rotate(context.square(encrypt(values)), 1, galois)],
    [
      'relinearising a cube',
      'HE_KEY',
      () =>
        context.relinearize(
          context.multiply(context.square(encrypt(values, 9)), encrypt(values, 9)),
          relinearization,
        ),
    ],
    ['no steps', 'HE_ARGUMENT', () => context.generateGaloisKeys(secret, [])],
    ['a key of another kind', 'HE_ARGUMENT', () => context.relinearize(encrypt(values), galois as never)],
    ['nothing at all', 'HE_ARGUMENT', () => context.add(undefined as never, encrypt(values))],
    ['a setScale of infinity', 'HE_SCALE', () => context.setScale(encrypt(values), Number.POSITIVE_INFINITY)],
  ];
  for (const [name, code, action] of codes)
    it(`refuses ${name}`, async () => {
      const { nativeFailures } = await loadHeLibrary();
      expect(() => context.scope(action))
        .to.throw()
        .with.property('code', code);
      expect((await loadHeLibrary()).nativeFailures).to.equal(nativeFailures);
    });

  it('refuses handles of another context', async () => {
    const library = await loadHeLibrary();
    const other = library.createContext({
      scheme: 'ckks',
      ringDegree: 4096,
      primes: primes.slice(0, 3),
      specialPrime: primes[3],
    });
    const foreign = other.encode(values, SCALE);
    expect(() => context.encrypt(secret, foreign))
      .to.throw()
      .with.property('code', 'HE_FOREIGN');
    other.dispose();
  });
});
