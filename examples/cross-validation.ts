/**
 * Two hospitals want to know which model suits their patients together, before they train one. They pool their rows in
 * private and cross-validate a line and a network on them: three folds each, trained side by side. Told are a mean and a
 * spread of the accuracy for each model, and nothing else. `npx tsx examples/cross-validation.ts` after `npm run build`.
 */
import { cat, nn, optim, runMultiprocess } from 'tacit';

/** Patients of a hospital: in real life each reads its own files. The same at every run, so that the numbers are, too. */
const noise = (i: number, salt: number) =>
  2 * (Math.abs(Math.sin(i * 12.9898 + salt * 78.233) * 43758.5453) % 1) - 1;
const patients = (count: number, from: number) =>
  Array.from({ length: count }, (_, i) => [noise(from + i, 1), noise(from + i, 2), noise(from + i, 3)]);
/** What no line tells apart: whether the first two measurements have the same sign. */
const ill = ([a, b]: number[]) => Number(a * b > 0);

const own = [patients(90, 0), patients(60, 1000)];

const [results] = await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => {
  const inputs = cat(own.map((rows, src) => party.cryptensor(rows, { src })));
  const targets = cat(own.map((rows, src) => party.cryptensor(rows.map(ill), { src })));
  const candidates: Record<string, () => nn.Module> = {
    line: () => new nn.Linear(3, 2),
    network: () => new nn.Sequential(new nn.Linear(3, 16), new nn.ReLU(), new nn.Linear(16, 2)),
  };
  const told: Record<string, string> = {};
  for (const [name, candidate] of Object.entries(candidates)) {
    const { mean = 0, spread = 0 } = await nn.crossValidate({
      model: () => candidate().encrypt(party, { src: 'nobody' }),
      inputs,
      targets,
      folds: 3,
      epochs: 10,
      batchSize: 50,
      loss: new nn.CrossEntropyLoss(),
      optimizer: (parameters) => new optim.SGD(parameters, { lr: 0.5, momentum: 0.9 }),
      metric: 'accuracy',
      reveal: { mean: 'all', spread: 'all' },
    });
    told[name] = `${(100 * mean).toFixed(0)} % right, give or take ${(100 * spread).toFixed(0)}`;
  }
  return told;
});

console.log('a line:   ', results.line); // → a line:    … % right, give or take …
console.log('a network:', results.network); // → a network: … % right, give or take …
