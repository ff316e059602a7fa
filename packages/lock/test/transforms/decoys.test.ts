/** Images under other keys, with wrong labels. */

import { sha256 } from '@noble/hashes/sha2.js';
import { ArgumentError, ShapeError } from '@tacit/errors';
import { expect } from 'chai';
import fc from 'fast-check';
import { blockTransform, decoys, TRANSFORM_KINDS, type TransformKind } from '../../src/transforms/index.js';

const key = Uint8Array.from({ length: 32 }, (_, i) => 5 * i + 3);
const CLASSES = 3;
/** One block each, black: what becomes of one shows the mask. */
const black = { shape: [4, 1, 4, 4], data: new Uint8Array(64) };
const labels = [0, 1, 2, 0];
const all = Uint32Array.of(0, 1, 2, 3);
const options = { block: 4, classes: CLASSES, weak: true, untouched: 0 } as const;

/** A source of keys that can be repeated. */
function keys(seed: number): () => Uint8Array {
  let count = seed;
  return () => sha256(Uint8Array.from(Buffer.from(String(count++))));
}

const masked = (data: Float32Array): number[] => Array.from(data.subarray(0, 16), Math.round);
const distance = (a: readonly number[], b: readonly number[]): number =>
  a.filter((x, i) => x !== b[i]).length;

describe('decoys', () => {
  it('have labels of other classes, and as many images as were asked for', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TRANSFORM_KINDS),
        fc.subarray([0, 1, 2, 3]),
        fc.integer(),
        (kind, places, seed) => {
          const made = decoys(black, labels, { ...options, kind, newKey: keys(seed) })(
            Uint32Array.from(places),
          );
          expect(made.inputs.shape).to.deep.equal([places.length, 1, 4, 4]);
          expect(made.inputs.data.length).to.equal(16 * places.length);
          expect(made.labels).to.have.length(places.length);
          made.labels.forEach((label, i) => {
            expect(label).to.be.within(0, CLASSES - 1);
            expect(label).not.to.equal(labels[places[i]]);
          });
        },
      ),
    );
  });

  it('are not transformed at all where everything stays untouched', () => {
    const { inputs } = decoys(black, labels, { ...options, kind: 'np', untouched: 1 })(all);
    expect(inputs.data.every((x) => x === 0)).to.equal(true);
  });

  it('take keys that are near the right one two times of three, and never one that does the same', () => {
    const mask = masked(
      Float32Array.from(
        blockTransform({ kind: 'np', block: 4, key, weak: true }).transform(black).data,
        (p) => p / 255,
      ),
    );
    const next = decoys(black, labels, { ...options, kind: 'np', rightKey: key, newKey: keys(7) });
    const distances = Array.from({ length: 150 }, () => distance(mask, masked(next(all).inputs.data)));
    const [any, near, nearest] = [0, 1, 2].map((turn) => distances.filter((_, i) => i % 3 === turn));
    expect(Math.min(...distances)).to.be.at.least(2);
    expect(Math.max(...near)).to.be.at.most(6);
    expect(any.reduce((sum, d) => sum + d) / 50).to.be.within(6.5, 9.5);
    expect(near.reduce((sum, d) => sum + d) / 50).to.be.below(4.5);
    expect(nearest.reduce((sum, d) => sum + d) / 50).to.be.below(3);
  });

  for (const kind of ['shf', 'ffx'] as const)
    it(`know which keys of ${kind} do the same as the right one`, () => {
      const next = keys(9);
      const sources = [key, key, next(), key];
      const made = decoys(black, labels, {
        ...options,
        kind,
        rightKey: key,
        newKey: () => sources.shift() ?? next(),
      });
      made(all);
      expect(sources).to.have.length(1);
    });

  it('refuse what makes none', () => {
    const make = (changed: object, images = black, classes: readonly number[] = labels) =>
      decoys(images, classes, { ...options, kind: 'np' as TransformKind, ...changed })(all);
    expect(() => make({ rightKey: key, newKey: () => key })).to.throw(
      ArgumentError,
      'no key but the right one',
    );
    expect(() => make({ rightKey: key.subarray(1) })).to.throw(ArgumentError);
    expect(() => make({ classes: 1 })).to.throw(ArgumentError, 'classes');
    expect(() => make({ classes: 2.5 })).to.throw(ArgumentError, 'classes');
    expect(() => make({ untouched: Number.NaN })).to.throw(ArgumentError, 'untouched');
    expect(() => make({ untouched: 1.1 })).to.throw(ArgumentError, 'untouched');
    expect(() => make({ kind: 'fish' })).to.throw(ArgumentError, 'kind');
    expect(() => make({}, black, [1])).to.throw(ArgumentError, '1 labels for 4 images');
    expect(() => make({}, { shape: [4, 1, 3, 5], data: new Uint8Array(60) })).to.throw(ShapeError);
  });
});
