/** Cases of what is linear: every suite has it exactly, mod 2^64. */
import type { StridedView } from '@tacit/mpc';
import { type Case, computes, product, transposed } from './cases.js';
import { type Draw, map, wordsOf } from './numbers.js';
import { bilinear, concat, pad, sum, take, view, windowSum } from './reference.js';

export function linearCases(draw: Draw) {
  const x = draw.tensor([3, 4], 63);
  const y = draw.tensor([3, 4], 60);
  const image = draw.tensor([2, 3, 5, 4], 63);
  const broadcast: StridedView = { shape: [2, 3, 4], strides: [0, 4, 1], offset: 0 };
  const pooled = { kernel: [2, 3], stride: [2, 1], dilation: [1, 1], pads: [1, 0, 1, 1] } as const;
  const dilated = { kernel: [2, 2], stride: [1, 2], dilation: [2, 1], pads: [0, 0, 0, 0] } as const;
  const weights = draw.tensor([4, 2], 63);
  return {
    add: computes(
      [x, y],
      (e, a, b) => [e.add(a, b)],
      () => [map(x, (v, i) => v + y.values[i])],
    ),
    sub: computes(
      [x, y],
      (e, a, b) => [e.sub(a, b)],
      () => [map(x, (v, i) => v - y.values[i])],
    ),
    neg: computes(
      [x],
      (e, a) => [e.neg(a)],
      () => [map(x, (v) => -v)],
    ),
    mulScalar: computes(
      [x],
      (e, a) => [e.mulScalar(a, -5n)],
      () => [map(x, (v) => -5n * v)],
    ),
    addScalar: computes(
      [x],
      (e, a) => [e.addScalar(a, -7n)],
      () => [map(x, (v) => v - 7n)],
    ),
    addPublic: computes(
      [x],
      (e, a) => [e.addPublic(a, wordsOf(y.values)), e.addPublic(a, wordsOf(y.values), 'y')],
      () => [0, 1].map(() => map(x, (v, i) => v + y.values[i])),
    ),
    mulPublic: computes(
      [x],
      (e, a) => [e.mulPublic(a, wordsOf(y.values))],
      () => [map(x, (v, i) => v * y.values[i])],
    ),
    addPrivate: computes(
      [x],
      (e, a) => {
        const owner = e.parties - 1;
        return [e.addPrivate(a, owner, e.rank === owner ? wordsOf(y.values) : undefined)];
      },
      () => [map(x, (v, i) => v + y.values[i])],
    ),
    fromPublic: computes(
      [],
      (e) => [e.fromPublic(wordsOf(x.values), x.shape)],
      () => [x],
    ),
    view: computes(
      [x],
      (e, a) => [e.view(a, transposed), e.view(a, broadcast)],
      () => [view(x, transposed), view(x, broadcast)],
    ),
    concat: computes(
      [x, y, weights],
      (e, a, b, c) => [e.concat([a, b, a], 0), e.concat([a, b], 1), e.concat([c], 0)],
      () => [concat([x, y, x], 0), concat([x, y], 1), weights],
    ),
    take: computes(
      [x],
      (e, a) => [e.take(a, 0, [2, 0, 2, 1]), e.take(a, 1, [3]), e.take(a, 1, [])],
      () => [take(x, 0, [2, 0, 2, 1]), take(x, 1, [3]), take(x, 1, [])],
    ),
    pad: computes(
      [x],
      (e, a) => [e.pad(a, [1, 0, 2, 3], -9n)],
      () => [pad(x, [1, 0, 2, 3], -9n)],
    ),
    sumAxes: computes(
      [image],
      (e, a) => [e.sumAxes(a, [1, 3], false), e.sumAxes(a, [0], true), e.sumAxes(a, [], false)],
      () => [sum(image, [1, 3], false), sum(image, [0], true), image],
    ),
    windowSum: computes(
      [image],
      (e, a) => [e.windowSum(a, pooled), e.windowSum(a, dilated)],
      () => [windowSum(image, pooled), windowSum(image, dilated)],
    ),
    applyPublic: computes(
      [x],
      (e, a) => [e.applyPublic(product, a, wordsOf(weights.values), [3, 2])],
      () => [bilinear(product, x, weights, [3, 2])],
    ),
  } satisfies Record<string, Case>;
}
