/**
 * Three colleagues want to know their average salary, and how many of them are above it, without telling each other
 * theirs. `npx tsx examples/salary-average.ts` after `npm run build`.
 */
import { runMultiprocess, stack } from 'tacit';

const salaries = [3150, 4200, 2980]; // in real life each party reads its own, e.g. party.loadFromParty(path, { src })

const [result] = await runMultiprocess({ worldSize: 3 }, import.meta.url, async (party) => {
  const shares = salaries.map((salary, src) =>
    party.cryptensor(party.rank === src ? salary : undefined, { src, shape: [] }),
  );
  const all = stack(shares, 0);
  const total = all.sum();
  const above = all.mul(party.worldSize).gt(total).sum(); // salary > total / n, without a division
  // Two numbers are revealed, and nothing else.
  const revealed = await Promise.all([total.getPlainText(), above.getPlainText()]);
  return revealed.map((tensor) => Number(tensor.data[0]));
});

const [total, above] = result;
console.log(`average ${(total / salaries.length).toFixed(2)}, ${above} of ${salaries.length} above it`); // → average 3443.33, 1 of 3 above it
