/** Files of shares that were changed, by accident or by somebody who knows how to make a checksum. */
import { sha256 } from '@noble/hashes/sha2.js';
import { mutated, mutatedJson, randomInteger, randomWords } from '@tacit/testing';
import { expect } from 'chai';
import { encodeShares, parseShares, SharesFormatError, type SharesHeader } from '../src/index.js';

const PREFIX_BYTES = 24;
const DIGEST_BYTES = 32;

const header: SharesHeader = {
  save: '0123456789abcdef0123456789abcdef',
  suite: 'additive',
  parties: 3,
  rank: 1,
  ring: 64,
  tensors: [
    { name: 'weights', shape: [2, 3], scaled: true, parts: [{ scale: 16, magnitude: 20 }] },
    {
      name: 'bias',
      shape: [2],
      scaled: false,
      parts: [
        { scale: 16, magnitude: 8 },
        { scale: 8, magnitude: 8 },
      ],
    },
  ],
  records: { model: { json: { w: null }, tensors: [{ path: ['w'], entry: 'bias' }] } },
};

const joined = (pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.concat(pieces));

/** The same file with another header, of another length, and a right checksum. */
function withHeader(file: Uint8Array, text: string): Uint8Array<ArrayBuffer> {
  const end = file.length - DIGEST_BYTES;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const words = file.subarray(PREFIX_BYTES + Number(view.getBigUint64(16, true)), end);
  const encoded = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil(encoded.length / 8) * 8).fill(0x20);
  padded.set(encoded);
  const prefix = Uint8Array.from(file.subarray(0, PREFIX_BYTES));
  new DataView(prefix.buffer).setBigUint64(16, BigInt(padded.length), true);
  return sealed(joined([prefix, padded, words]));
}

const sealed = (body: Uint8Array): Uint8Array<ArrayBuffer> => joined([body, sha256(body)]);

/**
 * Makes the test.
 * @param runs how many files
 */
export function sharesFuzzSuite(runs: number): void {
  it('files of shares: read, or refused as what they are', async () => {
    const file = joined(encodeShares(header, [randomWords(6), randomWords(2), randomWords(2)]));
    const body = file.subarray(0, file.length - DIGEST_BYTES);
    const text = JSON.stringify(header);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < runs; i++) {
      const kind = randomInteger(3);
      const changed =
        kind === 0 ? mutated(file) : kind === 1 ? sealed(mutated(body)) : withHeader(file, mutatedJson(text));
      try {
        const { words } = parseShares(changed);
        expect(words.reduce((sum, part) => sum + part.byteLength, 0)).to.be.lessThan(changed.length);
      } catch (error) {
        if (!(error instanceof SharesFormatError)) throw error;
      }
      if (i % 1000 === 999) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(process.memoryUsage().rss - before, 'memory').to.be.lessThan(128 * 2 ** 20);
  });
}
