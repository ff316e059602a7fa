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
  const mean = all.mean();
  const above = all.gt(mean).sum();
  // Two numbers are revealed, and nothing else.
  const revealed = await Promise.all([mean.getPlainText(), above.getPlainText()]);
  return revealed.map((tensor) => Number(tensor.data[0]));
});

console.log(`average ${result[0].toFixed(2)}, ${result[1]} of ${salaries.length} above it`); // → average 3443.33, 1 of 3 above it
