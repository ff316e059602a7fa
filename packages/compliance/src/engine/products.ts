/** Cases of products: mod 2^64 as they are, rounded where they are truncated. */
import type { Bilinear, Engine, Prepared, Secret } from '@tacit/mpc';
import { expect } from 'chai';
import { type Case, computes, product, transposed } from './cases.js';
import { type Draw, map, type Numbers, wordsOf } from './numbers.js';
import { bilinear, view } from './reference.js';

const times = (x: Numbers, s: bigint): Numbers => map(x, (v) => s * v);
const shifted = (x: Numbers, bits: number): Numbers => map(x, (v) => v >> BigInt(bits));
/** A tensor that a party keeps to itself. */
const kept = (e: Engine, owner: number, { shape, values }: Numbers): Prepared =>
  e.privateOperand(owner, shape, e.rank === owner ? wordsOf(values) : undefined);

export function productCases(draw: Draw) {
  const x = draw.tensor([3, 4], 63);
  const y = draw.tensor([3, 4], 62);
  const w = draw.tensor([4, 2], 63);
  const small = draw.tensor([3, 4], 28);
  const alsoSmall = draw.tensor([3, 4], 29);
  const image = draw.tensor([1, 4, 5, 5], 63);
  const filters = draw.tensor([2, 2, 3, 2], 63);
  const elementwise: Bilinear = { op: 'mul', n: 12 };
  const fromLeft: Bilinear = { ...product, m: 4, k: 3, n: 2 };
  const conv: Bilinear = {
    op: 'conv2d',
    params: {
      batch: 1,
      inChannels: 4,
      height: 5,
      width: 5,
      outChannels: 2,
      kernel: [3, 2],
      stride: [2, 1],
      dilation: [1, 2],
      pads: [1, 0, 0, 1],
      groups: 2,
    },
  };
  const out = [1, 2, 2, 4];
  const right = draw.tensor([3, 2], 63);
  const both = (e: Engine, a: Secret, b: Secret): [Prepared, Prepared] => [e.prepare(a), e.prepare(b)];
  const ofPairs = bilinear(elementwise, x, y, x.shape);
  const ofSmall = bilinear(elementwise, small, alsoSmall, small.shape);
  return {
    prepare: computes(
      [x],
      (e, a) => {
        const once = e.prepare(a.reshaped([4, 3]));
        expect(once.shape).deep.equal([4, 3]);
        return [e.square(once), e.square(e.prepare(a))];
      },
      (s) => [[4, 3], x.shape].map((shape) => times(bilinear(elementwise, x, x, shape), s)),
    ),
    viewPrepared: computes(
      [x, right],
      (e, a, b) => {
        const [A, B] = both(e, a, b);
        const turned = e.viewPrepared(A, transposed);
        return [e.bilinear(fromLeft, turned, B, [4, 2]), e.multiply(turned, turned), e.square(turned)];
      },
      (s) => {
        const t = view(x, transposed);
        const squares = times(bilinear(elementwise, t, t, t.shape), s);
        return [times(bilinear(fromLeft, t, right, [4, 2]), s), squares, squares];
      },
    ),
    bilinear: computes(
      [x, w, image, filters],
      (e, a, b, c, d) => [
        e.bilinear(product, ...both(e, a, b), [3, 2]),
        e.bilinear(conv, ...both(e, c, d), out),
      ],
      (s) => [times(bilinear(product, x, w, [3, 2]), s), times(bilinear(conv, image, filters, out), s)],
    ),
    multiply: computes(
      [x, y],
      (e, a, b) => [e.multiply(...both(e, a, b))],
      (s) => [times(ofPairs, s)],
    ),
    square: computes(
      [x],
      (e, a) => [e.square(e.prepare(a))],
      (s) => [times(bilinear(elementwise, x, x, x.shape), s)],
    ),
    prepareToward: privateCase(x, w, product),
    privateOperand: privateCase(x, w, product),
    bilinearPrivate: async (setting) => {
      for (const owner of [0, setting.parties - 1]) {
        await computes(
          [image, right],
          (e, a, b) => {
            const f = kept(e, owner, filters);
            const left = kept(e, owner, { shape: [4, 3], values: x.values });
            const results = [
              e.bilinearPrivate(conv, e.prepareToward(a, owner), f, true, out),
              e.bilinearPrivate(fromLeft, e.prepareToward(b, owner), left, false, [4, 2]),
            ];
            for (const operand of [f, left]) operand.lifetime.release();
            return results;
          },
          () => [
            bilinear(conv, image, filters, out),
            bilinear(fromLeft, { shape: [4, 3], values: x.values }, right, [4, 2]),
          ],
        )(setting);
        await computes(
          [small],
          (e, a) => [
            e.bilinearPrivate(
              elementwise,
              e.prepareToward(a, owner),
              kept(e, owner, alsoSmall),
              true,
              [3, 4],
              16,
            ),
          ],
          () => [shifted(ofSmall, 16)],
          'rounding',
        )(setting);
      }
    },
    truncatedProducts: computes(
      [small, alsoSmall],
      (e, a, b) => {
        const [A, B] = both(e, a, b);
        return [
          e.multiply(A, B, 17),
          e.square(A, 16),
          e.bilinear(elementwise, A, B, [12], 20),
          e.multiply(e.viewPrepared(A, transposed), e.viewPrepared(B, transposed), 5),
        ];
      },
      (s) => [
        shifted(times(ofSmall, s), 17),
        shifted(times(bilinear(elementwise, small, small, small.shape), s), 16),
        { ...shifted(times(ofSmall, s), 20), shape: [12] },
        shifted(times(view(ofSmall, transposed), s), 5),
      ],
      'rounding',
    ),
  } satisfies Record<string, Case>;
}

/** A product with an operand of each party in turn; the same prepared secret twice. */
const privateCase =
  (x: Numbers, w: Numbers, f: Bilinear): Case =>
  async (setting) => {
    for (let owner = 0; owner < setting.parties; owner++)
      await computes(
        [x],
        (e, a) => {
          const X = e.prepareToward(a, owner);
          const W = kept(e, owner, w);
          return [e.bilinearPrivate(f, X, W, true, [3, 2]), e.bilinearPrivate(f, X, W, true, [1, 3, 2])];
        },
        () => [bilinear(f, x, w, [3, 2]), bilinear(f, x, w, [1, 3, 2])],
      )(setting);
  };
