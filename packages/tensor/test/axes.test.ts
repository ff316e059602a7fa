/** Axes that a tensor does not have are errors: never numbers, and least of all those of another tensor. */
import { ShapeError } from '@tacit/errors';
import { expect } from 'chai';
import { type CrypTensor, cat, stack } from '../src/index.js';
import { runParties } from './helpers/parties.js';

const OUTSIDE = [5, -3, 9, -9, 0.5, Number.NaN, Number.POSITIVE_INFINITY];

const calls: Record<string, (x: CrypTensor, axis: number) => CrypTensor> = {
  cat: (x, axis) => cat([x, x], axis),
  stack: (x, axis) => stack([x, x], axis < 0 ? axis - 1 : axis),
  unsqueeze: (x, axis) => x.unsqueeze(axis < 0 ? axis - 1 : axis),
  squeeze: (x, axis) => x.squeeze(axis),
  flatten: (x, axis) => x.flatten(axis),
  sum: (x, axis) => x.sum(axis),
  mean: (x, axis) => x.mean([0, axis]),
  max: (x, axis) => x.max(axis),
  argmin: (x, axis) => x.argmin(axis),
  sort: (x, axis) => x.sort(axis),
  argsort: (x, axis) => x.argsort(axis),
  topk: (x, axis) => x.topk(1, axis).values,
  shuffle: (x, axis) => x.shuffle(axis),
};

describe('axes that are not there', () => {
  for (const [name, call] of Object.entries(calls))
    it(`${name} refuses them`, () =>
      runParties(2, async (party) => {
        const x = party.cryptensor([[1, 2]], { src: 0 });
        for (const axis of OUTSIDE) expect(() => call(x, axis), `${axis}`).throws(ShapeError);
      }));

  it('do not reveal what a disposed tensor held', () =>
    runParties(2, async (party) => {
      const secret = party.cryptensor(new Float64Array(2048).fill(777), { src: 0 });
      await secret.mul(secret).masked();
      secret.dispose();
      const ones = party.cryptensor(new Float64Array(1024).fill(1), { src: 1 });
      for (const axis of [7, -9, 0.5, Number.NaN]) {
        expect(() => cat([ones, ones], axis)).throws(ShapeError);
        expect(() => stack([ones, ones], axis)).throws(ShapeError);
      }
    }));

  for (const axes of [
    [0, 0],
    [0, -2],
    [1, -1],
  ])
    it(`axes [${axes}] name one twice`, () =>
      runParties(2, async (party) => {
        const x = party.cryptensor(
          [
            [1, 2],
            [3, 4],
          ],
          { src: 0 },
        );
        expect(() => x.mean(axes)).throws(ShapeError, 'twice');
        expect(() => x.sum(axes)).throws(ShapeError, 'twice');
      }));
});
