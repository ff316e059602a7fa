/**
 * Model hiding: Alice has a model that she will not show, Bob has samples that he will not show. Bob gets the answers.
 *
 *     npm ci && npm run build
 *     npx tsx examples/access-control/model-hiding.ts
 *
 * First a linear model, as tensors: Alice's weights and bias of the hyperplane behind the data. Then a network that Alice
 * trained on samples of her own, as a module with mode 'owned': it stays with her in the clear, which is faster than
 * sharing it.
 *
 * Who learns what: Bob learns on which side each of his samples is, Alice nothing but how many there were. Scores are
 * compared with 0 in private, since a score says more about a model than a side does.
 *
 * The lines after "// →" are what it prints; … stands for what differs each time.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runMultiprocess, runOnce } from 'tacit';
import { hyperplane, newFolder, removeFolder, score, writeTable } from './data.js';
import { layers, networkInTheClear } from './network.js';

const ALICE = 0;
const BOB = 1;
const HIDDEN = 8;
const url = import.meta.url;

const folder = await runOnce(url, () => {
  const folder = newFolder();
  const { train, test, w, b } = hyperplane(100, 1000);
  writeTable(
    folder,
    'alice-w.npy',
    Array.from(w, (v) => Float64Array.of(v)),
  );
  writeTable(folder, 'alice-b.npy', [Float64Array.of(b)]);
  const { values } = networkInTheClear(train, HIDDEN, 40, 0.5);
  const plain = Object.entries(values).map(([name, { shape, data }]) => [name, { shape, data: [...data] }]);
  writeFileSync(join(folder, 'alice-network.json'), JSON.stringify(Object.fromEntries(plain)));
  writeTable(folder, 'bob-samples.npy', test.features);
  return folder;
});

const [answersOfAlice, sides] = await runMultiprocess({ worldSize: 2 }, url, async (party) => {
  const load = (file: string, src: number) => party.loadFromParty(join(folder, file), { src });
  const [w, b, x] = await Promise.all([
    load('alice-w.npy', ALICE),
    load('alice-b.npy', ALICE),
    load('bob-samples.npy', BOB),
  ]);
  const model = layers(100, HIDDEN);
  if (party.rank === ALICE)
    model.loadState(JSON.parse(readFileSync(join(folder, 'alice-network.json'), 'utf8')));
  model.encrypt(party, { src: ALICE, mode: 'owned' });

  await x.masked();
  const began = performance.now();
  const linear = await x.matmul(w).add(b).gt(0).reveal({ to: BOB });
  const between = performance.now();
  const network = await model.forward(x).gt(0).reveal({ to: BOB });
  const ms = [between - began, performance.now() - between];
  return { linear: linear?.data, network: network?.data, ms };
});

// What Bob does with the answers, and whether they are those of the models in the clear.
const { train, test, w, b } = hyperplane(100, 1000);
const { rule } = networkInTheClear(train, HIDDEN, 40, 0.5);
const rules = { linear: (x: Float64Array) => score(x, w, b), network: rule };
(['linear', 'network'] as const).forEach((name, i) => {
  const told = Array.from(sides[name] as Float32Array);
  const right = told.filter((side, k) => side === (test.labels[k] > 0 ? 1 : 0)).length;
  const same = told.filter((side, k) => side === (rules[name](test.features[k]) > 0 ? 1 : 0)).length;
  console.log(
    `${name}: ${right} of ${told.length} right, ${same} as in the clear, ${sides.ms[i].toFixed(0)} ms`,
  );
});
// → linear: 1000 of 1000 right, 1000 as in the clear, … ms
// → network: 9… of 1000 right, … as in the clear, … ms
console.log('revealed to Bob: the side of each sample; to Alice:', answersOfAlice.linear); // → revealed to Bob: the side of each sample; to Alice: undefined
removeFolder(folder);
