/** Vectors of FIPS 197, and the key stream of the profile `paper`. */
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { encryptBlock, expandKey, INVERSE_S_BOX, S_BOX } from '../src/deep-lock/aes.js';
import { keyStream, lockBytes, unlockBytes } from '../src/deep-lock/paper.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('AES as FIPS 197 states it', () => {
  it('has the S-box of figures 7 and 14', () => {
    expect(hex(S_BOX.subarray(0, 16))).equal('637c777bf26b6fc53001672bfed7ab76');
    expect(hex(S_BOX.subarray(240))).equal('8ca1890dbfe6426841992d0fb054bb16');
    expect(S_BOX[0x53]).equal(0xed);
    expect(hex(INVERSE_S_BOX.subarray(0, 16))).equal('52096ad53036a538bf40a39e81f3d7fb');
    for (let a = 0; a < 256; a++) expect(INVERSE_S_BOX[S_BOX[a]]).equal(a);
  });

  it('expands keys as in appendix A', () => {
    const a1 = expandKey(bytes('2b7e151628aed2a6abf7158809cf4f3c'));
    expect(a1.length).equal(4 * 44);
    expect(hex(a1.subarray(16, 32))).equal('a0fafe1788542cb123a339392a6c7605');
    expect(hex(a1.subarray(160))).equal('d014f9a8c9ee2589e13f0cc8b6630ca6');
    const a2 = expandKey(bytes('8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b'));
    expect(a2.length).equal(4 * 52);
    expect(hex(a2.subarray(24, 28))).equal('fe0c91f7');
    expect(hex(a2.subarray(192))).equal('e98ba06f448c773c8ecc720401002202');
    const a3 = expandKey(bytes('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4'));
    expect(a3.length).equal(4 * 60);
    expect(hex(a3.subarray(32, 36))).equal('9ba35411');
    expect(hex(a3.subarray(48, 52))).equal('a8b09c1a');
    expect(hex(a3.subarray(224))).equal('fe4890d1e6188d0b046df344706c631e');
  });

  it('encrypts as in appendices B and C', () => {
    const plain = bytes('00112233445566778899aabbccddeeff');
    const cases = [
      ['2b7e151628aed2a6abf7158809cf4f3c', '3925841d02dc09fbdc118597196a0b32'],
      ['000102030405060708090a0b0c0d0e0f', '69c4e0d86a7b0430d8cdb78070b4c55a'],
      ['000102030405060708090a0b0c0d0e0f1011121314151617', 'dda97ca4864cdfe06eaf70a0ec0d7191'],
      [
        '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
        '8ea2b7ca516745bfeafc49904b496089',
      ],
    ];
    cases.forEach(([key, encrypted], i) => {
      const input = i === 0 ? bytes('3243f6a8885a308d313198a2e0370734') : plain;
      expect(hex(encryptBlock(input, expandKey(bytes(key))))).equal(encrypted);
    });
  });
});

describe('the cipher of the profile paper', () => {
  it('is Sbox(w XOR k_i) with the blocks of AES in counter mode for keys, as the reference computes them', () => {
    for (const length of [16, 32])
      for (const size of [0, 1, 2, 15, 16, 17, 1000, 2 ** 16 - 1, 2 ** 16, 2 ** 16 + 3, 3 * 2 ** 16 + 1]) {
        const [key, weights] = [Uint8Array.from(randomBytes(length)), Uint8Array.from(randomBytes(size + 1))];
        const roundKeys = expandKey(key);
        // Also from an odd place, where words of two bytes cannot be read.
        const w = weights.subarray(1);
        const locked = lockBytes(w, key);
        expect(hex(unlockBytes(locked, key))).equal(hex(w));
        for (let block = 0; block < Math.min(size / 16, 8); block++) {
          const counter = new Uint8Array(16);
          counter[15] = block;
          const k = encryptBlock(counter, roundKeys);
          const expected = w.slice(16 * block, 16 * block + 16).map((byte, i) => S_BOX[byte ^ k[i]]);
          expect(hex(locked.subarray(16 * block, 16 * block + 16))).equal(hex(expected));
          expect(hex(keyStream(key, block, 1))).equal(hex(k));
        }
        const last = Math.floor(Math.max(size - 1, 0) / 16);
        const k = keyStream(key, last, 1);
        const tail = w.slice(16 * last).map((byte, i) => S_BOX[byte ^ k[i]]);
        expect(hex(locked.subarray(16 * last))).equal(hex(tail));
      }
  });

  it('has a key stream without a repetition in 2^16 blocks, in which every bit changes', () => {
    for (const length of [16, 32]) {
      const stream = keyStream(randomBytes(length), 0, 2 ** 16);
      const seen = new Set<string>();
      const ones = new Uint32Array(128);
      for (let at = 0; at < stream.length; at += 16) {
        seen.add(Buffer.from(stream.buffer, stream.byteOffset + at, 16).toString('latin1'));
        for (let bit = 0; bit < 128; bit++) ones[bit] += (stream[at + (bit >> 3)] >> (bit & 7)) & 1;
      }
      expect(seen.size).equal(2 ** 16);
      // Ten standard deviations: the public implementation never changes the last 32.
      for (const count of ones) expect(count).within(2 ** 15 - 1280, 2 ** 15 + 1280);
    }
  });
});
