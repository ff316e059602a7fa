/**
 * Feature aggregation: Alice knows some features of each sample, Bob the others. A model is trained on all of them.
 *
 *     npm ci && npm run build
 *     npx tsx examples/access-control/feature-aggregation.ts
 *
 * Alice has the first 50 features of 1,000 samples and the labels, Bob the last 50 features, in the same order of samples
 * (find common rows beforehand; that is not shown here). Models and twins are those of data-labelling.ts.
 *
 * Who learns what: both learn the sizes, and how many of the test samples each model gets right; nothing of the other's
 * features, and nobody the models. What Alice could do alone is printed at the end, in the clear.
 *
 * The lines after "// →" are what it prints; … stands for what differs each time.
 */
import { join } from 'node:path';
import { cat, runMultiprocess, runOnce } from 'tacit';
import {
  columns,
  hyperplane,
  newFolder,
  removeFolder,
  type Samples,
  writeLabels,
  writeTable,
} from './data.js';
import { compare, trainAll, twins } from './train.js';

const ALICE = 0;
const BOB = 1;
const url = import.meta.url;

const folder = await runOnce(url, () => {
  const folder = newFolder();
  for (const [name, samples] of Object.entries(problem())) {
    writeTable(folder, `alice-${name}.npy`, columns(samples.features, 0, 50));
    writeTable(folder, `bob-${name}.npy`, columns(samples.features, 50));
    writeLabels(folder, `alice-${name}-labels.csv`, samples.labels);
  }
  return folder;
});
function problem() {
  const { train, test } = hyperplane(100, 1000);
  return { train, test };
}

const [results] = await runMultiprocess({ worldSize: 2 }, url, async (party) => {
  const load = (file: string, src: number) => party.loadFromParty(join(folder, file), { src });
  const [aliceX, bobX, y, aliceTest, bobTest, testY] = await Promise.all([
    load('alice-train.npy', ALICE),
    load('bob-train.npy', BOB),
    load('alice-train-labels.csv', ALICE),
    load('alice-test.npy', ALICE),
    load('bob-test.npy', BOB),
    load('alice-test-labels.csv', ALICE),
  ]);
  // All parties must compute in the same order. Files come in any order, so nothing is computed before all are there.
  const [x, testX] = [cat([aliceX, bobX], 1), cat([aliceTest, bobTest], 1)];
  return trainAll(party, { x, y, testX, testY });
});

const { train, test } = problem();
compare(results, twins({ train, test }));
// → SVM by formula: 9… % right, in the clear 94.4 %, 0.… seconds an epoch
// → SVM by autograd: 9… % right, in the clear 95.7 %, 0.… seconds an epoch
// → network: 9… % right, in the clear 93.9 %, 0.… seconds an epoch
// → within one point of each other: true
// → revealed to both: 3 numbers, how many test samples each model gets right

const alone = ({ features, labels }: Samples): Samples => ({ features: columns(features, 0, 50), labels });
const [formula] = twins({ train: alone(train), test: alone(test) });
console.log(`Alice's features alone, SVM by formula: ${formula.toFixed(1)} % right`); // → Alice's features alone, SVM by formula: … % right
removeFolder(folder);
