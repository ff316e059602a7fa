import { expect } from 'chai';
import { standardized, weightedMean, weightedVariance } from '../src/index.js';
import { runParties, told } from './helpers.js';

const values = [
  [1, 10],
  [2, -20],
  [1000, 1000],
  [4, 60],
];
const weights = [1, 1, 0, 1];

const near = (found: ArrayLike<number>, wanted: readonly number[], by = 0.01): void => {
  expect(found.length).equal(wanted.length);
  wanted.forEach((value, i) => {
    expect(found[i]).closeTo(value, by * Math.max(1, Math.abs(value)));
  });
};

describe('statistics of the rows that weigh something', () => {
  for (const parties of [2, 3])
    it(`are means, variances and standardised columns, between ${parties} parties`, async () => {
      const [found] = await runParties(parties, async (party) => {
        const x = party.cryptensor(values, { src: 0 });
        const w = party.cryptensor(weights, { src: 1 });
        return Promise.all([
          told(weightedMean(x, w)),
          told(weightedVariance(x, w)),
          told(standardized(x, w)),
          told(weightedMean(x.narrow(1, 0, 1).reshape([4]), w)),
        ]);
      });
      const means = [7 / 3, 50 / 3];
      const variances = [14 / 9, (100 + 400 + 3600) / 3 - (50 / 3) ** 2];
      near(found[0], means);
      near(found[1], variances);
      near(
        found[2],
        values.flatMap((row, i) =>
          row.map((v, j) => (weights[i] * (v - means[j])) / Math.sqrt(variances[j])),
        ),
      );
      near(found[3], [means[0]]);
    });

  it('are zeros where no row weighs anything, and finite where there is one', async () => {
    const [none, one] = await runParties(2, async (party) => {
      const x = party.cryptensor([[3, -5]], { src: 0 });
      const both = [party.zeros([1]), party.ones([1])].map(async (w) => [
        ...(await told(weightedMean(x, w))),
        ...(await told(weightedVariance(x, w))),
        ...(await told(standardized(x, w))),
      ]);
      return Promise.all(both);
    }).then(([first]) => first);
    near(none, [0, 0, 0, 0, 0, 0]);
    near(one, [3, -5, 0, 0, 0, 0]);
  });

  it('are right where the sum over all rows leaves the range of values', async () => {
    const rows = 10_000;
    const incomes = Array.from({ length: rows }, (_, i) => [50_000 + 8_000 * Math.sin(i * i), i % 7]);
    const chosen = Array.from({ length: rows }, (_, i) => Number(i % 3 === 0));
    const [found] = await runParties(2, async (party) => {
      const x = party.cryptensor(incomes, { src: 0 });
      const w = party.cryptensor(chosen, { src: 1 });
      return Promise.all([
        told(weightedMean(x, w)),
        told(weightedVariance(x, w)),
        told(standardized(x, w).narrow(0, 3, 1)),
      ]);
    });
    const of = incomes.filter((_, i) => chosen[i] === 1);
    const mean = (each: (row: number[], column: number) => number) =>
      [0, 1].map((column) => of.reduce((sum, row) => sum + each(row, column), 0) / of.length);
    const means = mean((row, column) => row[column]);
    const variances = mean((row, column) => (row[column] - means[column]) ** 2);
    near(found[0], means, 1e-5);
    near(found[1], variances, 1e-3);
    near(
      found[2],
      [0, 1].map((column) => (incomes[3][column] - means[column]) / Math.sqrt(variances[column])),
      2 ** -10,
    );
  });

  it('of no rows are zeros', async () => {
    const [found] = await runParties(2, (party) => told(weightedMean(party.zeros([0, 2]), party.zeros([0]))));
    near(found, [0, 0]);
  });

  it('refuse shapes that do not fit, and options that do not exist', async () => {
    await runParties(2, async (party) => {
      const x = party.zeros([3, 2]);
      expect(() => weightedMean(x, party.zeros([2]))).throw('a weight for each row');
      expect(() => weightedVariance(x, party.zeros([3, 1]))).throw('a weight for each row');
      expect(() => standardized(party.zeros([]), party.zeros([]))).throw('a weight for each row');
      expect(() => standardized(x, party.zeros([3]), { epsilon: 1 } as object)).throw('epsilon');
    });
  });
});
