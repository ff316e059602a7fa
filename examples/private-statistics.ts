/**
 * Statistics over tables of several owners: sums, means, deviations, a correlation, counts and means by group, a histogram,
 * a median; of rows that nobody sees.
 *
 *     npm ci && npm run build
 *     npx tsx examples/private-statistics.ts
 *
 * Three employers each have a .csv file of their employees: age, hours a week, wage, and which of four trades (0 to 3)
 * somebody works in. A fourth table has something else about the same people: a union knows which of the first employer's
 * employees are members, in the same order.
 *
 * Who learns what: all learn how many rows each table has, and the figures that are printed. A trade with fewer than five
 * people is not told, only that it is small: comparing and blanking is done in private. Of means of few people, or of many
 * figures about the same people, somebody may still find out about one: revealing exactly this and no more is up to you.
 *
 * The lines after "// →" are what it prints; … stands for what differs each time.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CrypTensor, cat, runMultiprocess, runOnce, weightedMean, where } from 'tacit';
import { normal, uniform } from './shared/random.js';

const EMPLOYERS = [60, 45, 30];
const UNION = 2; // the union is the third employer's rank here: a party may have several tables
const TRADES = 4;
const EDGES = [0, 15, 20, 25, 30, 40]; // of the histogram of wages, public
const FEWEST = 5;
const url = import.meta.url;

const folder = await runOnce(url, () => {
  const folder = mkdtempSync(join(tmpdir(), 'private-statistics-'));
  const [number, coin] = [normal(21), uniform(22)];
  EMPLOYERS.forEach((count, rank) => {
    const lines = Array.from({ length: count }, () => {
      const trade = coin() < 0.02 ? 3 : Math.floor(3 * coin());
      const age = 41 + 11 * number();
      return [age, 36 + 5 * number(), 14 + 3 * trade + 0.15 * age + 3 * number(), trade]
        .map((v) => Math.round(100 * v) / 100)
        .join(',');
    });
    writeFileSync(join(folder, `employer-${rank}.csv`), `age,hours,wage,trade\n${lines.join('\n')}\n`);
  });
  const members = Array.from({ length: EMPLOYERS[0] }, () => Number(coin() < 0.4));
  writeFileSync(join(folder, 'union.csv'), `member\n${members.join('\n')}\n`);
  return folder;
});
const employers = EMPLOYERS.map((_, rank) => join(folder, `employer-${rank}.csv`));

const [told] = await runMultiprocess({ worldSize: 3 }, url, async (party) => {
  const tables = await Promise.all(employers.map((path, src) => party.loadFromParty(path, { src })));
  const members = (await party.loadFromParty(join(folder, 'union.csv'), { src: UNION })).squeeze(1);
  const table = cat(tables);
  const [age, hours, wage, trade] = table.unbind(1);

  /** Pearson's: mean of the products of what is standardised. */
  const standard = (v: CrypTensor) =>
    v.sub(v.mean()).mul(v.variance(undefined, { unbiased: false }).invSqrt());
  // Which trade, as rows of zeros and a one; a private key never becomes an index.
  const groups = trade.unsqueeze(1).eq(Array.from({ length: TRADES }, (_, k) => k));
  const counts = groups.sum(0);
  const enough = counts.ge(FEWEST);
  const wages = wage.matmul(groups).div(counts.maximum(1));
  // How many wages reach each edge; neighbours' differences are the counts between them.
  const reached = wage.unsqueeze(1).ge(EDGES).sum(0);
  const median = wage.sort(0);

  const own = tables[0].at(':, 2'); // wages of the first employer, beside the union's column
  const memberWage = weightedMean(own, members); // where the sum of wages leaves the range of values, too

  const figures = {
    'hours in all': hours.sum(),
    'mean wage': wage.mean(),
    'deviation of wages': wage.std(),
    'correlation of age and wage': standard(age).mul(standard(wage)).mean(),
    'median wage': median.at(String(median.size >> 1)),
    'mean wage of members, first employer': memberWage,
    'people by trade': where(enough, counts, -1),
    'mean wage by trade': where(enough, wages, -1),
    'wages by range': reached.sub(cat([reached.narrow(0, 1, EDGES.length - 1), party.zeros([1])])),
  };
  // Everything is revealed in one round; nothing before.
  const values = await Promise.all(Object.values(figures).map((figure) => figure.revealFloat64()));
  return Object.keys(figures).map((name, i) => ({ name, values: Array.from(values[i]?.data ?? []) }));
});

// The same in the clear.
const read = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));
const rows = employers.flatMap(read);
const members = read(join(folder, 'union.csv')).flat();
const column = (k: number) => rows.map((row) => row[k]);
const sum = (v: number[]) => v.reduce((a, b) => a + b, 0);
const mean = (v: number[]) => sum(v) / v.length;
const moment = (v: number[], u: number[]) => mean(v.map((x, i) => (x - mean(v)) * (u[i] - mean(u))));
const [age, hours, wage, trade] = [0, 1, 2, 3].map(column);
const byTrade = Array.from({ length: TRADES }, (_, k) => wage.filter((_, i) => trade[i] === k));
const expected = [
  [sum(hours)],
  [mean(wage)],
  [Math.sqrt((moment(wage, wage) * rows.length) / (rows.length - 1))],
  [moment(age, wage) / Math.sqrt(moment(age, age) * moment(wage, wage))],
  [wage.toSorted((a, b) => a - b)[rows.length >> 1]],
  [mean(wage.filter((_, i) => members[i] === 1))],
  byTrade.map((v) => (v.length < FEWEST ? -1 : v.length)),
  byTrade.map((v) => (v.length < FEWEST ? -1 : mean(v))),
  EDGES.map((low, i) => wage.filter((v) => v >= low && v < (EDGES[i + 1] ?? Infinity)).length),
];

const text = (v: number) => (v === -1 ? 'few' : String(Math.round(100 * v) / 100));
for (const { name, values } of told) console.log(`${name}: ${values.map(text).join(' ')}`);
// → hours in all: 487…
// → mean wage: 22.…
// → deviation of wages: 4.…
// → correlation of age and wage: 0.…
// → median wage: 22.…
// → mean wage of members, first employer: 21.…
// → people by trade: 56 46 30 few
// → mean wage by trade: 19.9… 22.5… 25.9… few
// → wages by range: 4 36 59 29 7 0
const off = told.map(({ values }, i) =>
  Math.max(...values.map((v, k) => Math.abs(v - expected[i][k]) / Math.max(1, Math.abs(v)))),
);
console.log(
  'as in the clear, to 0.1 %:',
  off.every((v) => v < 0.001),
); // → as in the clear, to 0.1 %: true
rmSync(folder, { recursive: true });
