import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type BlockSize, blockKey, ffxTables, type TransformKind } from '../../src/transforms/index.js';
import { deriveKeys, KeyStream, permutation } from '../../src/transforms/key-stream.js';
import { VECTORS } from './vectors.js';

const { key } = VECTORS;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const own = (kind: TransformKind, block: BlockSize, channels: number) =>
  blockKey({ kind, block, key, weak: true }, channels);

describe('what a key is stretched to', () => {
  it('is what other languages make of it', () => {
    const { stream, second } = deriveKeys(key, VECTORS.derived.info);
    expect([stream, second].map(hex)).deep.equal([VECTORS.derived.stream, VECTORS.derived.second]);
    const [a, b, c, d] = [own('shf', 2, 3), own('shf', 4, 1), own('np', 4, 1), own('ffx', 4, 1)];
    if (a.kind !== 'shf' || b.kind !== 'shf' || c.kind !== 'np' || d.kind !== 'ffx') throw new Error('kinds');
    expect([...a.order]).deep.equal(VECTORS.shf23);
    expect([...b.order]).deep.equal(VECTORS.shf41);
    expect(c.mask.join('')).equal(VECTORS.np41);
    expect(d.mask.join('')).equal(VECTORS.ffx41);
    expect(VECTORS.pixels.map((p) => d.forward[p])).deep.equal(VECTORS.codes);
    const { forward } = ffxTables(key.map((i) => 255 - i));
    expect(VECTORS.numbers.map((n) => forward[n])).deep.equal(VECTORS.encrypted);
  });

  it('is what the documentation says', () => {
    const text = readFileSync(new URL('../../../../docs/model-locks-transforms.md', import.meta.url), 'utf8');
    for (const value of [
      VECTORS.derived.stream,
      VECTORS.derived.second,
      VECTORS.shf23.join(' '),
      VECTORS.shf41.join(' '),
      VECTORS.np41,
      VECTORS.ffx41,
      VECTORS.codes.join(' '),
      VECTORS.encrypted.join(' '),
    ])
      expect(text).include(value);
  });

  it('are tables that are permutations of 1,000 numbers', () => {
    const { forward, inverse } = ffxTables(key);
    expect(new Set(forward).size).equal(1000);
    forward.forEach((code, number) => {
      expect(inverse[code]).equal(number);
    });
  });

  it('are permutations of which each is equally likely', () => {
    const counts = new Map<string, number>();
    const stream = new KeyStream(key);
    const draws = 24 * 500;
    for (let i = 0; i < draws; i++) {
      const drawn = permutation(stream, 4).join('');
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    expect(counts.size).equal(24);
    // 23 degrees of freedom: 49.7 is passed once in 1,000; the stream is always the same.
    const chi = [...counts.values()].reduce((sum, n) => sum + (n - 500) ** 2 / 500, 0);
    expect(chi).below(49.7);
    expect([...permutation(stream, 0)]).deep.equal([]);
    expect([...permutation(stream, 1)]).deep.equal([0]);
  });
});
