import { expect } from 'chai';
import fc from 'fast-check';
import { Evaluator } from '../src/index.js';
import { createWorld, expectCode, numbers, type World } from './support.js';

/** A copy with some bytes replaced. */
function changed(bytes: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, at);
  return copy;
}

describe('rlwe: bytes from outside', () => {
  let world: World;
  let bytes: Uint8Array;

  before(async () => {
    world = await createWorld(1024, [30, 28, 30], [1]);
    bytes = world.encryptBytes(numbers(1, world.slots), 2 ** 20);
  });

  const refused = (input: Uint8Array) =>
    expectCode('RLWE_FORMAT', () => world.evaluator.importCiphertext(input));

  it('are refused field by field, with the reason', () => {
    expect(refused(new Uint8Array(0))).to.contain('ends early');
    expect(refused(changed(bytes, 0, 0))).to.contain('not an object that SEAL has written');
    expect(refused(changed(bytes, 3, 3))).to.contain('SEAL 3');
    expect(refused(changed(bytes, 5, 2))).to.contain('compress');
    expect(refused(changed(bytes, 8, 1))).to.contain('bytes');
    expect(refused(changed(bytes, 16, bytes[16] ^ 1))).to.contain('other parameters');
    expect(refused(changed(bytes, 48, 0))).to.contain('NTT');
    expect(refused(changed(bytes, 49, 4))).to.contain('4 polynomials');
    expect(refused(changed(bytes, 49, 3))).to.contain('words instead of');
    expect(refused(changed(bytes, 49, 255, 255, 255, 255, 255, 255, 255, 255))).to.contain('2^53');
    expect(refused(changed(bytes, 58, 8))).to.contain('ring degree');
    expect(refused(changed(bytes, 65, 1))).to.contain('primes');
    expect(refused(changed(bytes, 73, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f))).to.contain('scale NaN');
    expect(refused(changed(bytes, 73, 0, 0, 0, 0, 0, 0, 0, 0))).to.contain('scale 0');
    expect(refused(changed(bytes, 81, 2))).to.contain('correction');
    expect(refused(changed(bytes, 116, 0xff))).to.contain('residue');
    expect(refused(bytes.subarray(0, bytes.length - 1))).to.contain('bytes');
    expect(refused(Uint8Array.of(...bytes, 0))).to.contain('after the end');
    expect(refused(world.keyBytes.relinearization)).to.contain('other parameters');
  });

  it('never do harm: any change gives an error or a ciphertext', () => {
    const { evaluator } = world;
    fc.assert(
      fc.property(fc.nat(200), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
        for (const input of [changed(bytes, at, value), bytes.subarray(0, length)])
          try {
            evaluator.scope(() => void evaluator.importCiphertext(input));
          } catch (error) {
            expect((error as { code?: string }).code).to.equal('RLWE_FORMAT');
          }
      }),
      { numRuns: 300 },
    );
  });

  it('are read at any alignment', () => {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const cipher = world.evaluator.importCiphertext(shifted.subarray(3));
    expect(cipher.level).to.equal(2);
  });

  it('are refused as keys when they are not what they should be', () => {
    const { evaluator } = world;
    const { galois, relinearization } = world.keyBytes;
    const keys = (input: Parameters<Evaluator['importKeys']>[0]) =>
      expectCode('RLWE_FORMAT', () => evaluator.importKeys(input));
    expect(keys({ relinearization: galois })).to.contain('slots');
    expect(keys({ galois: bytes })).to.contain('other parameters');
    expect(keys({ galois: changed(galois, 48, 0xff, 0xff, 0xff) })).to.contain('slots');
    expect(keys({ relinearization: changed(relinearization, 56, 3) })).to.contain('digits');
    expect(keys({ relinearization: changed(relinearization, 56, 1) })).to.contain('digits');
    expect(keys({ relinearization: relinearization.subarray(0, 5000) })).to.contain('bytes');
    expect(keys({ relinearization: changed(relinearization, relinearization.length - 1, 1) })).to.contain(
      'residue',
    );
    const memory = evaluator.memoryBytes;
    for (let i = 0; i < 50; i++) keys({ galois: changed(galois, galois.length - 1, 1) });
    expect(evaluator.memoryBytes).to.equal(memory);
  });

  it('of Galois keys may come in parts, each step once', async () => {
    const { evaluator } = world;
    const other = await createWorld(1024, [30, 28, 30], [3]);
    const { galois } = world.keyBytes;
    expect(evaluator.importKeys({ galois: [galois] }).steps).to.deep.equal([1]);
    expect(evaluator.importKeys({ galois: [galois, other.keyBytes.galois] }).steps).to.deep.equal([1, 3]);
    expectCode('RLWE_FORMAT', () => evaluator.importKeys({ galois: [galois, galois] }));
  });

  it('of other parameters are refused', async () => {
    const other = await createWorld(1024, [29, 28, 30], []);
    expect(refused(other.encryptBytes(numbers(1, 3), 2 ** 20))).to.contain('other parameters');
  });

  it('parameters are checked', async () => {
    const good = { ringDegree: 1024, primes: [12289], specialPrime: 40961 };
    await Evaluator.create(good);
    for (const bad of [
      { ...good, ringDegree: 1000 },
      { ...good, ringDegree: 65536 },
      { ...good, primes: [] },
      { ...good, primes: [12289, 12289] },
      { ...good, primes: [12291] },
      { ...good, primes: [2 ** 31 - 1] },
      { ...good, specialPrime: 1073741824 + 2048 * 5 + 1 },
      { ...good, specialPrime: 2048 * 9 + 1 + 0.5 },
    ]) {
      const error = await Evaluator.create(bad).then(
        () => undefined,
        (e: { code?: string }) => e,
      );
      expect(error?.code, JSON.stringify(bad)).to.equal('RLWE_ARGUMENT');
    }
  });
});
