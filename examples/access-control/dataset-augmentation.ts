/**
 * Dataset augmentation: Alice and Bob each have some samples with their labels, too few for a good model. One is trained
 * on all of them.
 *
 *     npm ci && npm run build
 *     npx tsx examples/access-control/dataset-augmentation.ts
 *
 * Alice has 500 samples of 100 features, Bob 500 others. Models and twins are those of data-labelling.ts. Bob has the
 * samples that the models are tried on.
 *
 * Who learns what: both learn how many samples each has, and how many of the test samples each model gets right; no
 * sample and no label of the other, and nobody the models. What Alice could do alone is printed at the end, in the clear.
 *
 * The lines after "// →" are what it prints; … stands for what differs each time.
 */
import { join } from 'node:path';
import { cat, runMultiprocess, runOnce } from 'tacit';
import { hyperplane, newFolder, removeFolder, type Samples, writeLabels, writeTable } from './data.js';
import { compare, trainAll, twins } from './train.js';

const ALICE = 0;
const BOB = 1;
const url = import.meta.url;

const rows = ({ features, labels }: Samples, from: number, to?: number): Samples => ({
  features: features.slice(from, to),
  labels: labels.slice(from, to),
});
const folder = await runOnce(url, () => {
  const folder = newFolder();
  const { train, test } = hyperplane(100, 1000);
  const parts = { alice: rows(train, 0, 500), bob: rows(train, 500), 'bob-test': test };
  for (const [name, { features, labels }] of Object.entries(parts)) {
    writeTable(folder, `${name}.npy`, features);
    writeLabels(folder, `${name}.csv`, labels);
  }
  return folder;
});

const [results] = await runMultiprocess({ worldSize: 2 }, url, async (party) => {
  const load = (file: string, src: number) => party.loadFromParty(join(folder, file), { src });
  const [aliceX, aliceY, bobX, bobY, testX, testY] = await Promise.all([
    load('alice.npy', ALICE),
    load('alice.csv', ALICE),
    load('bob.npy', BOB),
    load('bob.csv', BOB),
    load('bob-test.npy', BOB),
    load('bob-test.csv', BOB),
  ]);
  return trainAll(party, { x: cat([aliceX, bobX]), y: cat([aliceY, bobY]), testX, testY });
});

const problem = hyperplane(100, 1000);
compare(results, twins(problem));
// → SVM by formula: 9… % right, in the clear 94.4 %, 0.… seconds an epoch
// → SVM by autograd: 9… % right, in the clear 95.7 %, 0.… seconds an epoch
// → network: 9… % right, in the clear 93.9 %, 0.… seconds an epoch
// → within one point of each other: true
// → revealed to both: 3 numbers, how many test samples each model gets right

const [formula] = twins({ train: rows(problem.train, 0, 500), test: problem.test });
console.log(`Alice's samples alone, SVM by formula: ${formula.toFixed(1)} % right`); // → Alice's samples alone, SVM by formula: … % right
removeFolder(folder);
