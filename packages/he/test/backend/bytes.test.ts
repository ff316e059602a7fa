import { expect } from 'chai';
import type { BfvContext, CkksContext, HeHandle, HeLibrary } from '../../src/backend/library.js';
import { loadHeLibrary } from '../../src/backend/node-seal.js';
import { findPrimes } from '../../src/backend/primes.js';
import { isFormatError, mutations } from '../helpers/mutations.js';

describe('bytes that are loaded', () => {
  let library: HeLibrary;
  let ckks: CkksContext;
  let bfv: BfvContext;
  const objects: { name: string; bytes: Uint8Array; load: (bytes: Uint8Array) => HeHandle | Uint8Array }[] =
    [];

  before(async () => {
    library = await loadHeLibrary();
    const primes = findPrimes(2048, 18, 3);
    ckks = library.createContext({
      scheme: 'ckks',
      ringDegree: 2048,
      primes: primes.slice(0, 2),
      specialPrime: primes[2],
    });
    bfv = library.createContext({ scheme: 'bfv', ringDegree: 4096, plainModulus: 65537n });
    const secret = ckks.generateSecretKey();
    const plain = ckks.encode(Float64Array.of(1), 2 ** 16);
    const relinearization = ckks.generateRelinearizationKey(secret);
    const galois = ckks.generateGaloisKeys(secret, [1, 2]);
    const bfvSecret = bfv.generateSecretKey();
    const number = bfv.encrypt(bfvSecret, bfv.encodePolynomial(BigInt64Array.of(1n)));
    objects.push(
      {
        name: 'seeded ciphertext',
        bytes: ckks.encryptSeeded(secret, plain),
        load: (x) => ckks.loadCiphertext(x),
      },
      {
        name: 'ciphertext',
        bytes: ckks.saveCiphertext(ckks.encrypt(secret, plain)),
        load: (x) => ckks.loadCiphertext(x),
      },
      { name: 'BFV ciphertext', bytes: bfv.saveCiphertext(number), load: (x) => bfv.loadCiphertext(x) },
      { name: 'secret key', bytes: ckks.saveSecretKey(secret), load: (x) => ckks.loadSecretKey(x) },
      { name: 'public key', bytes: ckks.generatePublicKey(secret), load: (x) => ckks.loadPublicKey(x) },
      { name: 'relinearization key', bytes: relinearization, load: (x) => ckks.loadRelinearizationKey(x) },
      {
        name: 'relinearization key to expand',
        bytes: relinearization,
        load: (x) => ckks.expandRelinearizationKey(x),
      },
      { name: 'Galois keys', bytes: galois, load: (x) => ckks.loadGaloisKeys(x) },
      { name: 'Galois keys to expand', bytes: galois, load: (x) => ckks.expandGaloisKeys(x) },
    );
  });

  after(() => {
    ckks.dispose();
    bfv.dispose();
  });

  it('are refused with a code when they are damaged, and never reach native code then', () => {
    let refused = 0;
    for (const { name, bytes, load } of objects)
      for (const damaged of mutations(bytes, 60, name.length)) {
        try {
          const loaded = load(damaged);
          if (!(loaded instanceof Uint8Array)) loaded.dispose();
        } catch (error) {
          if (!isFormatError(error)) throw error;
          refused++;
        }
      }
    expect(refused).to.be.greaterThan(300);
    expect(library.nativeFailures).to.equal(0);
  });

  it('are refused when the scale of a key is not 1, which native code would throw at', () => {
    // Where the first digit begins: after the headers of the key and of its entries.
    const starts: Record<string, number> = {
      'public key': 0,
      'relinearization key': 64,
      'relinearization key to expand': 64,
    };
    const scaleIn = 73;
    for (const { name, bytes, load } of objects) {
      const start = starts[name];
      if (start === undefined) continue;
      const view = new DataView(bytes.buffer, bytes.byteOffset + start);
      expect(view.getFloat64(scaleIn, true)).to.equal(1);
      for (const scale of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 2]) {
        const changed = bytes.slice();
        new DataView(changed.buffer, start).setFloat64(scaleIn, scale, true);
        expect(() => load(changed))
          .to.throw('scale')
          .with.property('code', 'HE_FORMAT');
      }
    }
    expect(library.nativeFailures).to.equal(0);
  });

  it('are refused in the place of another kind, or in another context', () => {
    for (const { name, bytes } of objects)
      for (const { name: other, load } of objects)
        if (
          !name.includes(other.replace(' to expand', '')) &&
          !other.includes(name.replace(' to expand', ''))
        )
          expect(() => load(bytes), `${name} as ${other}`)
            .to.throw()
            .with.property('code')
            .oneOf(['HE_FORMAT', 'HE_FOREIGN']);
    const primes = findPrimes(2048, 17, 3);
    const foreign = library.createContext({
      scheme: 'ckks',
      ringDegree: 2048,
      primes: primes.slice(0, 2),
      specialPrime: primes[2],
    });
    for (const [method, at] of [
      ['loadCiphertext', 0],
      ['loadSecretKey', 3],
      ['loadPublicKey', 4],
      ['loadRelinearizationKey', 5],
      ['expandGaloisKeys', 8],
    ] as const)
      expect(() => foreign[method](objects[at].bytes))
        .to.throw()
        .with.property('code', 'HE_FOREIGN');
    foreign.dispose();
    expect(library.nativeFailures).to.equal(0);
  });

  it('are refused when they are compressed, also inside', () => {
    // The second place is the header of the residues in a ciphertext.
    for (const { name, bytes, load } of objects)
      for (const at of name.includes('ciphertext') ? [5, 89 + 5] : [5])
        for (const mode of [1, 2]) {
          const compressed = bytes.slice();
          compressed[at] = mode;
          expect(() => load(compressed))
            .to.throw(/compressed/)
            .with.property('code', 'HE_FORMAT');
        }
    const zip = objects[1].bytes.slice(0, 64);
    new DataView(zip.buffer).setBigUint64(8, 64n, true);
    zip[5] = 2;
    expect(() => ckks.loadCiphertext(zip)).to.throw(/compressed/);
  });

  it('are refused for scales that have no room', () => {
    for (const scale of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40]) {
      const bytes = objects[1].bytes.slice();
      new DataView(bytes.buffer).setFloat64(73, scale, true);
      expect(() => ckks.loadCiphertext(bytes)).to.throw(/scale/);
    }
  });
});
