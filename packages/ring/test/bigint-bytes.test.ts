import { expect } from 'chai';
import fc from 'fast-check';
import { bigintOfBytes, bytesOfBigint, signedWord } from '../src/bigint-bytes.js';

describe('single numbers as bytes', () => {
  it('of every width are read and written as they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
        const value = bytes.reduceRight((sum, byte) => (sum << 8n) + BigInt(byte), 0n);
        expect(bigintOfBytes(bytes)).equal(value);
        expect(bytesOfBigint(value, bytes.length)).deep.equal(bytes);
      }),
    );
  });

  it('are signed words of an array, also of a view of it', () => {
    const words = BigUint64Array.of(0n, 1n, 2n ** 63n, 2n ** 64n - 1n);
    expect([1, 2, 3].map((i) => signedWord(words, i))).deep.equal([1n, -(2n ** 63n), -1n]);
    expect(signedWord(words.subarray(3), 0)).equal(-1n);
    for (const index of [-1, 4, 0.5]) expect(() => signedWord(words, index)).throws('no element');
  });

  it('are refused where bytes and number do not fit', () => {
    expect(() => bigintOfBytes(new Uint8Array(9))).throws('0 to 8 bytes');
    expect(() => bigintOfBytes('12' as never)).throws('Uint8Array');
    for (const [value, width] of [
      [256n, 1],
      [-1n, 8],
      [1n, 0],
      [2n ** 64n, 8],
    ] as const)
      expect(() => bytesOfBigint(value, width)).throws('is not a whole number');
    for (const width of [-1, 9, 1.5, Number.NaN]) expect(() => bytesOfBigint(0n, width)).throws('0 to 8');
    expect(() => bytesOfBigint(1 as never, 8)).throws('is not a whole number');
  });
});
