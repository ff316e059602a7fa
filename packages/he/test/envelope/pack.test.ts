import { expect } from 'chai';
import fc from 'fast-check';
import type { BfvContext, CkksContext, SecretKey } from '../../src/backend/library.js';
import { loadHeLibrary } from '../../src/backend/node-seal.js';
import { findPrimes } from '../../src/backend/primes.js';
import { packResidues, unpackResidues } from '../../src/envelope/bits.js';
import {
  ckksShape,
  envelopeBytes,
  type PackedKind,
  packedCiphertextBytes,
  packedSwitchingKeyBytes,
  packSeal,
  unpackGaloisKeys,
  unpackSeal,
} from '../../src/envelope/index.js';
import { isFormatError, mutations } from '../helpers/mutations.js';

describe('packing of residues', () => {
  it('is the inverse of unpacking, at every width', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 6 }),
        fc.infiniteStream(fc.bigInt({ min: 0n, max: 2n ** 60n - 1n })),
        (bits, groups, stream) => {
          const count = groups * 32;
          const values = new BigUint64Array(count);
          for (let i = 0; i < count; i++) values[i] = BigInt.asUintN(bits, stream.next().value as bigint);
          const packed = new Uint32Array((count * bits) / 32 + 2);
          packResidues(new Uint32Array(values.buffer), bits, packed, 1);
          expect([packed[0], packed.at(-1)]).to.deep.equal([0, 0]);
          // Against the definition: one long number, lowest bits first.
          let number = 0n;
          for (let i = packed.length - 2; i >= 1; i--) number = (number << 32n) | BigInt(packed[i]);
          let expected = 0n;
          for (let i = count - 1; i >= 0; i--) expected = (expected << BigInt(bits)) | values[i];
          expect(number).to.equal(expected);
          const back = new BigUint64Array(count);
          unpackResidues(packed, 1, bits, new Uint32Array(back.buffer));
          expect(back).to.deep.equal(values);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('packed objects', () => {
  let ckks: CkksContext;
  let bfv: BfvContext;
  let secret: SecretKey;
  const objects: {
    name: string;
    kind: PackedKind;
    context: () => CkksContext | BfvContext;
    bytes: Uint8Array;
  }[] = [];

  before(async () => {
    const library = await loadHeLibrary();
    const primes = findPrimes(2048, 26, 2);
    ckks = library.createContext({
      scheme: 'ckks',
      ringDegree: 2048,
      primes: primes.slice(0, 1),
      specialPrime: primes[1],
    });
    bfv = library.createContext({
      scheme: 'bfv',
      ringDegree: 4096,
      plainModulus: 65537n,
      coefficientBits: [20, 35, 54],
    });
    secret = ckks.generateSecretKey();
    const plain = ckks.encode(Float64Array.of(1, 2, 3), 2 ** 20);
    const add = (
      name: string,
      kind: PackedKind,
      bytes: Uint8Array,
      context: () => CkksContext | BfvContext = () => ckks,
    ) => objects.push({ name, kind, context, bytes });
    add('ciphertext', 'ciphertext', ckks.saveCiphertext(ckks.encrypt(secret, plain)));
    add('seeded ciphertext', 'ciphertext', ckks.encryptSeeded(secret, plain));
    add(
      'product',
      'ciphertext',
      ckks.saveCiphertext(ckks.square(ckks.encrypt(secret, ckks.encode(Float64Array.of(1), 2 ** 10)))),
    );
    add('secret key', 'secret key', ckks.saveSecretKey(secret));
    add('public key', 'public key', ckks.generatePublicKey(secret));
    const relinearization = ckks.generateRelinearizationKey(secret);
    add('relinearization key', 'relinearization key', relinearization);
    add(
      'expanded relinearization key',
      'relinearization key',
      ckks.expandRelinearizationKey(relinearization),
    );
    const galois = ckks.generateGaloisKeys(secret, [1, -1, 5, 0]);
    add('Galois keys', 'Galois keys', galois);
    add('expanded Galois keys', 'Galois keys', ckks.expandGaloisKeys(galois));
    const bfvSecret = bfv.generateSecretKey();
    const bfvCiphertext = bfv.encrypt(bfvSecret, bfv.encodePolynomial(BigInt64Array.of(1n)));
    add('BFV ciphertext', 'ciphertext', bfv.saveCiphertext(bfvCiphertext), () => bfv);
    add(
      'BFV ciphertext of one prime',
      'ciphertext',
      bfv.saveCiphertext(bfv.modSwitch(bfvCiphertext, 1)),
      () => bfv,
    );
    add('BFV Galois keys', 'Galois keys', bfv.generateGaloisKeys(bfvSecret, [3]), () => bfv);
  });

  after(() => {
    ckks.dispose();
    bfv.dispose();
  });

  it('are restored exactly', () => {
    for (const { name, kind, context, bytes } of objects) {
      const packed = packSeal(bytes, kind, context());
      expect(packed.length, name).to.be.lessThan(bytes.length);
      expect(Buffer.compare(unpackSeal(packed, kind, context()), bytes), name).to.equal(0);
    }
  });

  it('may begin at any byte', () => {
    for (const { name, kind, context, bytes } of objects) {
      const shifted = new Uint8Array(bytes.length + 1).subarray(1);
      shifted.set(bytes);
      const packed = packSeal(shifted, kind, context());
      const moved = new Uint8Array(packed.length + 3).subarray(3);
      moved.set(packed);
      expect(Buffer.compare(unpackSeal(moved, kind, context()), bytes), name).to.equal(0);
    }
  });

  it('have the sizes that are foretold', () => {
    const size = (name: string) => {
      const { bytes, kind, context } = objects.find(
        (object) => object.name === name,
      ) as (typeof objects)[number];
      return packSeal(bytes, kind, context()).length;
    };
    expect(size('ciphertext')).to.equal(packedCiphertextBytes(ckks, 1));
    expect(size('seeded ciphertext')).to.equal(packedCiphertextBytes(ckks, 1, 2, true));
    expect(size('product')).to.equal(packedCiphertextBytes(ckks, 1, 3));
    expect(size('relinearization key')).to.equal(packedSwitchingKeyBytes(ckks, 1, true));
    expect(size('expanded Galois keys')).to.equal(packedSwitchingKeyBytes(ckks, 4, false));
    expect(size('BFV ciphertext')).to.equal(packedCiphertextBytes(bfv, 2));
  });

  it('make a fresh ciphertext of six primes 185 kB, and an answer of two 124 kB', () => {
    const primes = findPrimes(8192, 30, 7);
    const shape = ckksShape({ ringDegree: 8192, primes: primes.slice(0, 6), specialPrime: primes[6] });
    expect(envelopeBytes(packedCiphertextBytes(shape, 6, 2, true))).to.be.at.most(185_000);
    expect(envelopeBytes(packedCiphertextBytes(shape, 2))).to.be.at.most(124_000);
  });

  it('come out as one Galois key after the other', () => {
    const { bytes } = objects.find(({ name }) => name === 'Galois keys') as (typeof objects)[number];
    const keys = [...unpackGaloisKeys(packSeal(bytes, 'Galois keys', ckks), ckks)];
    expect(keys).to.have.lengthOf(4);
    ckks.scope(() => {
      const loaded = keys.map((key) => ckks.loadGaloisKeys(key));
      for (const step of [1, -1, 5, 0]) expect(loaded.filter((key) => key.hasStep(step))).to.have.lengthOf(1);
    });
  });

  it('are refused where they are damaged, cut off, too long, or of another kind', () => {
    for (const { name, kind, context, bytes } of objects) {
      const packed = packSeal(bytes, kind, context());
      for (const damaged of mutations(packed, 40)) {
        try {
          const restored = unpackSeal(damaged, kind, context());
          // Some residues and seeds may be anything: then the rest is as it was, and packing gives what we put in.
          expect(Buffer.compare(packSeal(restored, kind, context()), damaged), name).to.equal(0);
        } catch (error) {
          if (!isFormatError(error)) throw error;
        }
      }
      for (const other of [
        'ciphertext',
        'public key',
        'secret key',
        'relinearization key',
        'Galois keys',
      ] as const)
        if (other !== kind) expect(() => unpackSeal(packed, other, context())).to.throw(/packed/);
    }
  });

  it('are refused for another ring', () => {
    const [primeA, primeB, primeC] = findPrimes(8192, 27, 3);
    const other = ckksShape({ ringDegree: 8192, primes: [primeA, primeB], specialPrime: primeC });
    for (const { kind, context, bytes } of objects) {
      expect(() => unpackSeal(packSeal(bytes, kind, context()), kind, other)).to.throw(/not a packed|form/);
      expect(() => packSeal(bytes, kind, other)).to.throw(/form/);
    }
  });

  it('lose nothing that is not zero: residues above their prime are refused', () => {
    const { bytes } = objects[0];
    const wrong = bytes.slice();
    wrong[113 + 7] = 1;
    expect(() => packSeal(wrong, 'ciphertext', ckks)).to.throw(/not below its modulus/);
  });
});
