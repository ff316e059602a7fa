import { expect } from 'chai';
import { encodeShares, parseShares, type SharesHeader } from '../src/index.js';

const header: SharesHeader = {
  save: '00112233445566778899aabbccddeeff',
  suite: 'additive',
  parties: 3,
  rank: 1,
  ring: 64,
  tensors: [
    { name: 'w', shape: [2, 1], scaled: false, parts: [{ scale: 16, magnitude: 28 }] },
    {
      name: 'é',
      shape: [],
      scaled: true,
      parts: [
        { scale: 9, magnitude: -3.5 },
        { scale: 20, magnitude: 28 },
      ],
    },
    { name: '', shape: [0, 4], scaled: false, parts: [{ scale: 0, magnitude: 1 }] },
  ],
};
const words = [
  BigUint64Array.of(1n, 2n ** 64n - 1n),
  BigUint64Array.of(7n),
  BigUint64Array.of(8n),
  new BigUint64Array(0),
];

const joined = (pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const file = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    file.set(piece, at);
    at += piece.length;
  }
  return file;
};
const good = joined(encodeShares(header, words));
const refused = (file: Uint8Array<ArrayBuffer>, text = ''): void => {
  expect(() => parseShares(file), text)
    .throws(text)
    .with.property('code', 'SHARES_FORMAT');
};

describe('files of shares', () => {
  it('come back as they were, from any place in memory', () => {
    const shifted = new Uint8Array(good.length + 3);
    shifted.set(good, 3);
    for (const file of [good, shifted.subarray(3)]) {
      const read = parseShares(file);
      expect(read.header).deep.equal(header);
      expect(read.words).deep.equal(words);
    }
  });

  it('have records of tensors and public values', () => {
    const records = { model: { json: { w: null, n: 3 }, tensors: [{ path: ['w'], entry: 'w' }] } };
    const read = parseShares(joined(encodeShares({ ...header, records }, words)));
    expect(read.header).deep.equal({ ...header, records });
  });

  it('are refused when they are cut off at any byte, or longer', () => {
    for (let length = 0; length < good.length; length++) refused(good.slice(0, length));
    refused(joined([good, Uint8Array.of(0)]), 'checksum');
  });

  it('are refused when any byte is another one', () => {
    for (let at = 0; at < good.length; at++) {
      const changed = good.slice();
      changed[at] ^= 1 << (at % 8);
      refused(changed);
    }
  });

  it('are refused with a right checksum over a header that makes no sense', () => {
    const first = header.tensors[0];
    const wrong: readonly object[] = [
      { save: 'x' },
      { rank: 3 },
      { ring: 32 },
      { parties: 65 },
      { more: 1 },
      { tensors: [first, first] },
      { records: [] },
      { records: { w: { json: 1, tensors: [] } } },
      { records: { model: { json: 1 } } },
      { records: { model: { json: [null], tensors: [{ path: [0], entry: 'w' }] } } },
      { records: { model: { json: [null], tensors: [{ path: ['0'], entry: 'v' }] } } },
      {
        records: {
          a: { json: [null], tensors: [{ path: ['0'], entry: 'w' }] },
          b: { json: [null], tensors: [{ path: ['0'], entry: 'w' }] },
        },
      },
      { tensors: [{ ...first, shape: [-2, -1] }] },
      { tensors: [{ ...first, name: 1 }] },
      { tensors: [{ ...first, parts: [] }] },
      { tensors: [{ ...first, parts: [{ scale: 63, magnitude: 1 }] }] },
    ];
    for (const change of wrong) {
      const spoilt = { ...header, tensors: [first], ...change } as SharesHeader;
      const filled = spoilt.tensors.flatMap(({ parts }) => parts.map(() => words[0]));
      refused(joined(encodeShares(spoilt, filled)), 'the header');
    }
    expect(() => encodeShares(header, words.slice(1))).throws('do not fill');
  });
});
