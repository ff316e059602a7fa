/**
 * A bank knows incomes and debts of its customers, a shop knows who of its customers paid late. Together they train a model
 * of who will pay late, on the customers that both have, and neither learns who these are: private record linkage, then
 * training in which rows without a partner weigh nothing. `npx tsx examples/linked-training.ts` after `npm run build`.
 */
import { linkTables, nn, optim, runMultiprocess, standardized } from 'tacit';

/** Numbers that are the same at every run, so that the example prints the same accuracy: in real life these are files. */
const noise = (i: number, salt: number) =>
  (Math.abs(Math.sin(i * 12.9898 + salt * 78.233) * 43758.5453) % 1) - 0.5;
const income = (i: number) => 3 + 4 * noise(i, 1); // thousands
const debt = (i: number) => 2 + 3 * noise(i, 2);
const late = (i: number) => Number(debt(i) - 0.6 * income(i) + 0.4 * noise(i, 3) > 0.2);

const people = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + i);
const bank = people(160, 0); // customers 0 to 159
const shop = people(200, 60); // customers 60 to 259: 100 of them are the bank's, too
const mail = (i: number) => `customer${i}@example.org`;

const [result] = await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => {
  const joined = await linkTables(
    party,
    {
      left: {
        src: 0,
        keys: bank.map(mail),
        columns: { income: bank.map(income), debt: bank.map(debt) },
      },
      right: { src: 1, keys: shop.map(mail), columns: { late: shop.map(late) } },
    },
    { reveal: { matches: 'all' } }, // without this not even their number is told
  );
  const { matched, left, right } = joined;
  const x = standardized(left.values, matched);
  const paidLate = right.column('late').reshape([-1]);
  const weight = matched.div(joined.matches ?? joined.rows);

  const model = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2));
  model.encrypt(party, { src: 0 });
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.5, momentum: 0.9 });
  const criterion = new nn.CrossEntropyLoss({ reduction: 'none' });
  for (let step = 0; step < 25; step++) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(x), paidLate).mul(weight).sum();
    loss.backward();
    optimizer.step();
  }

  // One number is told: how many of the common customers the model is right about.
  const hits = model.forward(x).argmax(1).eq(paidLate).mul(matched).sum();
  return { rows: joined.rows, matches: joined.matches, right: await hits.item() };
});

const { rows, matches, right } = result;
console.log(`${matches} of ${rows} rows matched, ${right} of them as the model says`); // → 100 of 160 rows matched, … of them as the model says
