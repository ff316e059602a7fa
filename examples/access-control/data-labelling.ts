/**
 * Data labelling: Alice has samples, Bob knows what they are. They train models on both without showing them.
 *
 *     npm ci && npm run build
 *     npx tsx examples/access-control/data-labelling.ts
 *
 * A linear SVM on 1,000 samples of 100 features, by a formula of its gradient (svm.ts) and by autograd, and a network
 * with a hidden layer (network.ts); then the same on 200 digits, zeros or not. Beside each private model the accuracy of
 * its twin, which is trained on the same data in the clear, in double precision.
 *
 * Who learns what: both learn how many samples and features there are, and how many of the test samples each model gets
 * right. Alice does not learn a label, Bob not a sample, and nobody the models: they stay shared.
 *
 * The lines after "// →" are what it prints; … stands for what differs each time.
 */
import { join } from 'node:path';
import { runMultiprocess, runOnce } from 'tacit';
import { hyperplane, newFolder, removeFolder, writeLabels, writeTable, zerosAndOthers } from './data.js';
import { compare, type Result, trainAll, twins } from './train.js';

const ALICE = 0;
const BOB = 1;
const url = import.meta.url;
const problems = { hyperplane: () => hyperplane(100, 1000), digits: () => zerosAndOthers(200) };

// The files of both. The parties run this module again; runOnce keeps them from doing this again.
const folder = await runOnce(url, () => {
  const folder = newFolder();
  for (const [name, problem] of Object.entries(problems)) {
    const { train, test } = problem();
    writeTable(folder, `alice-${name}.npy`, train.features);
    writeTable(folder, `alice-${name}-test.npy`, test.features);
    writeLabels(folder, `bob-${name}.csv`, train.labels);
    writeLabels(folder, `bob-${name}-test.csv`, test.labels);
  }
  return folder;
});

const results: Result[][] = [];
for (const name of Object.keys(problems)) {
  const [told] = await runMultiprocess({ worldSize: 2 }, url, async (party) => {
    // src is the party that has the file; no other opens it.
    const load = (file: string, src: number) => party.loadFromParty(join(folder, file), { src });
    const [x, y, testX, testY] = await Promise.all([
      load(`alice-${name}.npy`, ALICE),
      load(`bob-${name}.csv`, BOB),
      load(`alice-${name}-test.npy`, ALICE),
      load(`bob-${name}-test.csv`, BOB),
    ]);
    return trainAll(party, { x, y, testX, testY });
  });
  results.push(told);
}

console.log('hyperplane'); // → hyperplane
compare(results[0], twins(problems.hyperplane()));
// → SVM by formula: 9… % right, in the clear 94.4 %, 0.… seconds an epoch
// → SVM by autograd: 9… % right, in the clear 95.7 %, 0.… seconds an epoch
// → network: 9… % right, in the clear 93.9 %, 0.… seconds an epoch
// → within one point of each other: true
// → revealed to both: 3 numbers, how many test samples each model gets right
console.log('digits'); // → digits
compare(results[1], twins(problems.digits()));
// → SVM by formula: 9… % right, in the clear 93.8 %, 0.… seconds an epoch
// → SVM by autograd: 9… % right, in the clear 94.0 %, 0.… seconds an epoch
// → network: 9… % right, in the clear 94.6 %, 0.… seconds an epoch
// → within one point of each other: true
// → revealed to both: 3 numbers, how many test samples each model gets right
removeFolder(folder);
