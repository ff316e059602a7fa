import { expect } from 'chai';
import { portableAead } from '../src/secure/noise/cipher-state.js';
import { HandshakeState } from '../src/secure/noise/handshake-state.js';
import { nodeAead } from '../src/secure/noise/node-aead.js';
import { shared, vectors } from './noise-vectors.js';

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const EMPTY = new Uint8Array(0);

for (const [kind, aead] of [
  ['portable', portableAead],
  ['Node.js', nodeAead],
] as const)
  describe(`noise: handshakes (${kind})`, () => {
    const pair = (pattern: (typeof vectors)[number]['pattern'], changes: object = {}) =>
      [true, false].map(
        (initiator) =>
          new HandshakeState({
            pattern,
            initiator,
            aead,
            prologue: shared.prologue,
            psk: shared.psk,
            ...(initiator ? shared.initiator : { ...shared.responder, ...changes }),
          }),
      ) as [HandshakeState, HandshakeState];

    for (const { pattern, hash, ciphertexts } of vectors)
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
        expect(toHex(a.hash)).to.equal(hash);
        expect(toHex(b.hash)).to.equal(hash);
        rest.forEach((payload, i) => {
          const [from, to] = i % 2 === 0 ? [a, b] : [b, a];
          const sealed = from.sending.seal(payload);
          expect(toHex(sealed)).to.equal(others[i]);
          expect(toHex(to.receiving.open(sealed))).to.equal(toHex(payload));
        });
      });

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
      const [mine, theirs] = [a.split(), b.split()];
      const records = [1, 2].map((value) => mine.sending.seal(Uint8Array.of(value)));
      expect(() => theirs.receiving.open(records[1])).to.throw();
    });
  });

describe('noise: keys', () => {
  it('of small order are refused', () => {
    const state = new HandshakeState({
      pattern: 'KK',
      initiator: true,
      aead: portableAead,
      prologue: EMPTY,
      secretKey: shared.initiator.secretKey,
      peerKey: new Uint8Array(32),
    });
    expect(() => state.write(EMPTY)).to.throw();
  });
});
