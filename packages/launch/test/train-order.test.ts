/** The public order of batches, and which rows are for training. */
import { expect } from 'chai';
import { publicOrder, splitRows } from '../src/train/order.js';

describe('the public order of batches', () => {
  it('is that of the seed, and another one in each epoch', () => {
    for (const count of [0, 1, 2, 100])
      expect([...publicOrder(count, 1, 'x')].sort((a, b) => a - b)).deep.equal(
        Array.from({ length: count }, (_, i) => i),
      );
    expect(publicOrder(50, 1, 'x')).deep.equal(publicOrder(50, 1, 'x'));
    expect(publicOrder(50, 1, 'x')).not.deep.equal(publicOrder(50, 2, 'x'));
    expect(publicOrder(50, 1, 'x')).not.deep.equal(publicOrder(50, 1, 'y'));
  });

  it('is uniform: every place of every number is as likely', () => {
    const counts = new Float64Array(16);
    const runs = 4000;
    for (let seed = 0; seed < runs; seed++)
      publicOrder(4, seed, 'test').forEach((value, place) => {
        counts[4 * place + value]++;
      });
    const chi = counts.reduce((sum, n) => sum + (n - runs / 4) ** 2 / (runs / 4), 0);
    // 9 degrees of freedom, and seeds that do not change.
    expect(chi).below(28);
  });

  it('parts rows into training and validation', () => {
    const { training, validation } = splitRows(10, 0.35, 5);
    expect([training.length, validation.length]).deep.equal([7, 3]);
    expect([...training, ...validation].sort((a, b) => a - b)).deep.equal(
      Array.from({ length: 10 }, (_, i) => i),
    );
    expect(splitRows(3, 0, 1).validation).length(0);
  });
});
