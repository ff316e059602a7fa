import { expect } from 'chai';
import fc from 'fast-check';
import { bytesOf, type ChaChaRounds } from '../src/index.js';
import * as reference from '../src/reference/index.js';
import { check, expectCode, expectSame, loadedRing, wordSource } from './support.js';

const ring = loadedRing();

const fromHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'));
const wordsOf = (bytes: Uint8Array<ArrayBuffer>): Uint32Array => new Uint32Array(bytes.slice().buffer);
const RFC_KEY = wordsOf(Uint8Array.from({ length: 32 }, (_, i) => i));
const ZERO_KEY = new Uint32Array(8);
const ZERO_NONCE = new Uint32Array(3);

describe('ring: ChaCha', () => {
  // RFC 8439, section 2.3.2 and the keystreams of appendix A.1.
  const vectors: [string, Uint32Array, Uint32Array, number, string][] = [
    [
      'section 2.3.2',
      RFC_KEY,
      wordsOf(fromHex('000000090000004a00000000')),
      1,
      `10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e
       d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e`,
    ],
    [
      'appendix A.1, vector 1',
      ZERO_KEY,
      ZERO_NONCE,
      0,
      `76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7
       da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586`,
    ],
    [
      'appendix A.1, vector 2',
      ZERO_KEY,
      ZERO_NONCE,
      1,
      `9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed
       29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f`,
    ],
    [
      'appendix A.1, vector 3',
      wordsOf(fromHex(`${'00'.repeat(31)}01`)),
      ZERO_NONCE,
      1,
      `3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a
       8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0`,
    ],
    [
      'appendix A.1, vector 4',
      wordsOf(fromHex(`00ff${'00'.repeat(30)}`)),
      ZERO_NONCE,
      2,
      `72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca
       13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096`,
    ],
    [
      'appendix A.1, vector 5',
      ZERO_KEY,
      wordsOf(fromHex('000000000000000000000002')),
      0,
      `c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7
       8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d`,
    ],
  ];
  for (const [name, key, nonce, counter, wanted] of vectors)
    it(`RFC 8439, ${name}`, () => {
      const out = new Uint8Array(64);
      ring().chacha(out, key, nonce, counter, 20);
      expect(out).to.deep.equal(fromHex(wanted));
      expect(reference.chacha(64, key, nonce, counter, 20)).to.deep.equal(out);
    });

  it('can be added to words, once or twice, or subtracted, from halves too, or exclusive-or', () => {
    const combined = {
      add: (a: bigint, k: bigint) => a + k,
      addTwice: (a: bigint, k: bigint) => a + 2n * k,
      subtract: (a: bigint, k: bigint) => a - k,
      subtractHalves: reference.subHalves,
      xor: (a: bigint, k: bigint) => a ^ k,
    };
    check(
      fc.property(
        fc.uint32Array({ minLength: 11, maxLength: 11 }),
        fc.oneof(fc.nat(100), fc.constantFrom(8191, 8192, 8193, 20_001)),
        fc.nat(1000),
        fc.boolean(),
        (random, n, counter, inScratch) => {
          const [key, nonce] = [random.slice(0, 8), random.slice(8)];
          const keystream = new BigUint64Array(n);
          ring().chacha(keystream, key, nonce, counter, 12);
          for (const [how, f] of Object.entries(combined) as [keyof typeof combined, typeof combined.add][]) {
            const a = wordSource(n)(n);
            const mark = ring().scratch.mark();
            const out = inScratch ? ring().scratch.words(n) : new BigUint64Array(n);
            out.set(a);
            ring().chachaInto(out, how, { key, nonce, counter, rounds: 12 });
            expectSame(out, reference.map(f, a, keystream), how);
            ring().scratch.release(mark);
          }
        },
      ),
      20,
    );
  });

  it('8, 12 and 20 rounds, any length, wherever the output is', () => {
    check(
      fc.property(
        fc.uint32Array({ minLength: 11, maxLength: 11 }),
        fc.oneof(fc.nat(700), fc.constantFrom(32767, 32768, 32769, 70001)),
        fc.nat(2 ** 31),
        fc.constantFrom<ChaChaRounds[]>(8, 12, 20),
        fc.boolean(),
        fc.nat(20),
        (random, length, counter, rounds, inside, offset) => {
          const [key, nonce] = [random.slice(0, 8), random.slice(8)];
          const mark = ring().scratch.mark();
          const room = inside ? ring().scratch.bytes(length + offset) : new Uint8Array(length + offset);
          const out = room.subarray(offset);
          ring().chacha(out, key, nonce, counter, rounds);
          const wanted = reference.chacha(length, key, nonce, counter, rounds);
          expect(Buffer.compare(out, wanted)).to.equal(0);
          ring().scratch.release(mark);
        },
      ),
      40,
    );
  });

  it('fills words with the same bytes', () => {
    const out = new BigUint64Array(5000);
    ring().chacha(out, RFC_KEY, ZERO_NONCE, 7, 12);
    const wanted = reference.chacha(40000, RFC_KEY, ZERO_NONCE, 7, 12);
    expect(Buffer.compare(bytesOf(out), wanted)).to.equal(0);
  });

  it('ends at the last block of the counter', () => {
    const out = new Uint8Array(128);
    ring().chacha(out, ZERO_KEY, ZERO_NONCE, 0xfffffffe, 20);
    expect(out).to.deep.equal(reference.chacha(128, ZERO_KEY, ZERO_NONCE, 0xfffffffe, 20));
    expectCode(() => ring().chacha(out, ZERO_KEY, ZERO_NONCE, 0xffffffff, 20), 'RING_ARGUMENT');
    expectCode(() => ring().chacha(out, ZERO_NONCE, ZERO_NONCE, 0, 20), 'RING_SHAPE');
    expectCode(() => ring().chacha(out, ZERO_KEY, ZERO_NONCE, 0, 10 as ChaChaRounds), 'RING_ARGUMENT');
  });
});
