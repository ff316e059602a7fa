import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { aesGcm, type Cipher, portableAead } from '../src/secure/noise/aead.js';
import { CipherState } from '../src/secure/noise/cipher-state.js';
import { HandshakeState, PATTERNS, type Pattern } from '../src/secure/noise/handshake-state.js';
import { InOrder } from '../src/secure/noise/in-order.js';
import { nodePrimitives } from '../src/secure/noise/node-primitives.js';
import { noiseKeys } from '../src/secure/noise/noise-layer.js';
import { portableCurve, portableHash } from '../src/secure/noise/primitives.js';
import { recordsOf } from '../src/secure/noise/records.js';
import { shared, vectors } from './noise-vectors.js';

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const EMPTY = new Uint8Array(0);

/** Little-endian points of the curve and of its twist whose multiples by eight are zero. */
const SMALL_ORDER = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
].map((hex) => new Uint8Array(Buffer.from(hex, 'hex')));

/** For the vectors of patterns with static keys, which are published for this cipher only. Section 12.3: little-endian. */
const chaChaPoly: Cipher = {
  name: 'ChaChaPoly',
  nonce: (count) => {
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setBigUint64(4, BigInt(count), true);
    return nonce;
  },
  seal: (key, nonce, ad, plaintext) => chacha20poly1305(key, nonce, ad).encrypt(plaintext),
  open: (key, nonce, ad, sealed) => chacha20poly1305(key, nonce, ad).decrypt(sealed),
};

/** Nobody is authenticated: no link uses it, but it has a published vector. */
const NN: Pattern = { statics: false, psk: false, messages: [['e'], ['e', 'ee']] };

const PRIMITIVES = {
  'ChaCha20-Poly1305': { cipher: chaChaPoly, curve: portableCurve, hash: portableHash },
  'ChaCha20-Poly1305, the rest of Node.js': {
    cipher: chaChaPoly,
    curve: nodePrimitives,
    hash: nodePrimitives,
  },
  'AES-GCM, portable': { cipher: aesGcm(), curve: portableCurve, hash: portableHash },
  'AES-GCM, Node.js': { cipher: aesGcm(nodePrimitives), curve: nodePrimitives, hash: nodePrimitives },
};

for (const [kind, { cipher, curve, hash: hashing }] of Object.entries(PRIMITIVES))
  describe(`noise: handshakes (${kind})`, () => {
    const pair = (name: keyof typeof PATTERNS | 'NN', changes: object = {}) =>
      [true, false].map(
        (initiator) =>
          new HandshakeState({
            name,
            pattern: name === 'NN' ? NN : PATTERNS[name],
            initiator,
            cipher,
            curve,
            hash: hashing,
            prologue: shared.prologue,
            psk: shared.psk,
            ...(initiator ? shared.initiator : { ...shared.responder, ...changes }),
          }),
      ) as [HandshakeState, HandshakeState];

    for (const { pattern, hash, ciphertexts } of vectors.filter((vector) => vector.cipher === cipher.name))
      it(`${pattern} gives the bytes of the published vector`, () => {
        const [initiator, responder] = pair(pattern);
        const [first, second, ...rest] = shared.payloads;
        const [one, two, ...others] = ciphertexts;
        const message = initiator.write(first);
        expect(toHex(message)).to.equal(one);
        expect(responder.read(message)).to.deep.equal(first);
        const answer = responder.write(second);
        expect(toHex(answer)).to.equal(two);
        expect(initiator.read(answer)).to.deep.equal(second);
        const [a, b] = [initiator.split(), responder.split()];
        expect(toHex(a.hash)).to.equal(hash ?? toHex(b.hash));
        expect(toHex(b.hash)).to.equal(toHex(a.hash));
        const directions = [
          [stateOf(a.sending), stateOf(b.receiving)],
          [stateOf(b.sending), stateOf(a.receiving)],
        ];
        rest.forEach((payload, i) => {
          const [sealing, opening] = directions[i % 2];
          const sealed = sealing.seal(payload, EMPTY);
          expect(toHex(sealed)).to.equal(others[i]);
          expect(toHex(opening.open(sealed, EMPTY))).to.equal(toHex(payload));
        });
      });

    const stateOf = (key: Uint8Array): CipherState => {
      const state = new CipherState(cipher);
      state.setKey(key);
      return state;
    };

    it('fails on every changed byte, on messages out of order and on other secrets', () => {
      const [initiator] = pair('KKpsk2');
      const message = initiator.write(EMPTY);
      for (let i = 0; i < message.length; i++) {
        const changed = message.slice();
        changed[i] ^= 1;
        expect(() => pair('KKpsk2')[1].read(changed), `byte ${i}`).to.throw();
      }
      for (const cut of [0, 31, 32, 47])
        expect(() => pair('KKpsk2')[1].read(message.subarray(0, cut))).to.throw();
      const other = new Uint8Array(32).fill(9);
      expect(() => pair('KK', { secretKey: other })[1].read(pair('KK')[0].write(EMPTY))).to.throw();
      expect(() => pair('KK', { prologue: other })[1].read(pair('KK')[0].write(EMPTY))).to.throw();
      const [dialer, wrong] = pair('NNpsk2', { psk: other });
      wrong.read(dialer.write(EMPTY));
      expect(() => dialer.read(wrong.write(EMPTY))).to.throw();
      expect(() => initiator.split()).to.throw('not complete');

      const [a, b] = pair('KK');
      b.read(a.write(EMPTY));
      a.read(b.write(EMPTY));
      const [mine, theirs] = [stateOf(a.split().sending), stateOf(b.split().receiving)];
      const records = [1, 2].map((value) => mine.seal(Uint8Array.of(value), EMPTY));
      expect(() => theirs.open(records[1], EMPTY)).to.throw();
    });
  });

describe('noise: keys', () => {
  for (const curve of [portableCurve, nodePrimitives])
    it(`of small order are refused (${curve === portableCurve ? 'portable' : 'Node.js'})`, () => {
      // The points of order 1, 2, 4 and 8 and their like beyond the prime: RFC 7748, section 6.1.
      for (const point of SMALL_ORDER)
        expect(() => curve.sharedSecret(shared.initiator.secretKey, point), toHex(point)).to.throw();
    });

  it('are the same whatever computes them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (secretKey) => {
        const publicKey = portableCurve.publicKey(secretKey);
        expect(toHex(nodePrimitives.publicKey(secretKey))).to.equal(toHex(publicKey));
        const other = shared.responder.secretKey;
        const between = [portableCurve, nodePrimitives].map((curve) => curve.sharedSecret(other, publicKey));
        expect(between[0]).to.deep.equal(between[1]);
        // The same array with another key in it.
        const reused = new Uint8Array(other);
        nodePrimitives.publicKey(reused);
        reused.set(secretKey);
        expect(toHex(nodePrimitives.publicKey(reused))).to.equal(toHex(publicKey));
      }),
      { numRuns: 30 },
    );
    expect(toHex(noiseKeys(nodePrimitives).publicKey)).to.have.length(64);
  });

  it('are derived alike', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), fc.constantFrom(32, 64, 96), (data, salt, length) => {
        const [one, other] = [portableHash, nodePrimitives].map((by) => [
          toHex(by.sha256(data)),
          toHex(by.hkdf(data, salt, length)),
        ]);
        expect(one).to.deep.equal(other);
      }),
      { numRuns: 50 },
    );
  });

  it('of other lengths are refused', () => {
    for (const curve of [portableCurve, nodePrimitives])
      for (const length of [0, 31, 33]) {
        expect(() => curve.publicKey(new Uint8Array(length))).to.throw();
        expect(() => curve.sharedSecret(new Uint8Array(32).fill(1), new Uint8Array(length))).to.throw();
      }
  });

  it('of small order end a handshake', () => {
    const state = new HandshakeState({
      name: 'KK',
      pattern: PATTERNS.KK,
      initiator: true,
      cipher: aesGcm(),
      curve: portableCurve,
      hash: portableHash,
      prologue: EMPTY,
      secretKey: shared.initiator.secretKey,
      peerKey: new Uint8Array(32),
    });
    expect(() => state.write(EMPTY)).to.throw();
  });
});

describe('noise: records', () => {
  it('are the same whatever computes them, in every pairing', async () => {
    const key = new Uint8Array(32).fill(7);
    for (const [sealer, opener] of [
      [nodePrimitives, undefined],
      [undefined, nodePrimitives],
      [undefined, undefined],
      [portableAead, nodePrimitives],
    ]) {
      const [sealing, opening] = [recordsOf(key, sealer), recordsOf(key, opener)];
      for (const size of [0, 1, 15, 16, 17, 65_519]) {
        const plain = crypto.getRandomValues(new Uint8Array(size));
        const sealed = new Uint8Array(await sealing.seal(plain));
        expect(sealed).to.have.length(size + 16);
        expect(toHex(await opening.open(sealed))).to.equal(toHex(plain));
      }
    }
  });

  it('out of order, changed or cut off are refused', async () => {
    const key = new Uint8Array(32).fill(7);
    const opens = async (sealed: Uint8Array<ArrayBuffer>, skip: number): Promise<boolean> => {
      const opening = recordsOf(key, undefined);
      for (let i = 0; i < skip; i++) await Promise.resolve(opening.open(sealed)).catch(() => {});
      return Promise.resolve(opening.open(sealed)).then(
        () => true,
        () => false,
      );
    };
    const sealed = new Uint8Array(await recordsOf(key, nodePrimitives).seal(new Uint8Array(20)));
    expect(await opens(sealed, 0)).to.equal(true);
    expect(await opens(sealed, 1)).to.equal(false);
    expect(await opens(sealed.slice(0, 35), 0)).to.equal(false);
    expect(await opens(sealed.slice(0, 3), 0)).to.equal(false);
    sealed[19] ^= 1;
    expect(await opens(sealed, 0)).to.equal(false);
  });
});

describe('noise: results in order', () => {
  it('come in the order of the calls, at once where nothing is awaited', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('now', 'soon', 'later', 'fails')), async (kinds) => {
        const queue = new InOrder();
        const order: string[] = [];
        const all = kinds.map((kind, i) => {
          const done = new Promise<void>((resolve) => {
            const take = (value: number): void => {
              order.push(`${value}`);
              resolve();
            };
            const fail = (): void => take(i);
            if (kind === 'now') queue.push(i, take, fail);
            else if (kind === 'soon') queue.push(Promise.resolve(i), take, fail);
            else if (kind === 'fails') queue.push(Promise.reject(new Error('no')), take, fail);
            else queue.push(new Promise<number>((later) => setImmediate(later, i)), take, fail);
          });
          const ahead = kinds.slice(0, i + 1).every((before) => before === 'now');
          expect(order.includes(`${i}`)).to.equal(ahead);
          return done;
        });
        await Promise.all(all);
        expect(order).to.deep.equal(kinds.map((_, i) => `${i}`));
      }),
    ));
});
