/**
 * Access control: whose the data are, who may see what. Four ways in which two parties learn from data that neither may
 * show to the other, with a small linear classifier; then how to say who learns the result.
 *
 *     npm ci && npm run build
 *     npx tsx tutorials/04-access-control.ts
 *
 * examples/access-control/ has a program for each of the four at full size, with files, timing, a network, digits, and
 * every model's twin in the clear.
 *
 * The lines after "// →" are what it prints; … stands for what differs each time. A test holds the two together.
 */
import { type CrypTensor, cat, type LaunchedParty, runMultiprocess, runOnce } from 'tacit';

const ALICE = 0;
const BOB = 1;
const two = { worldSize: 2 };
const url = import.meta.url;

// The data: 120 points of 4 features, and on which side of a plane each is, -1 or 1. The parties run this file again, up
// to their call, so what may happen only once (a random choice, writing a file) goes into runOnce: they get what it gave.

const { points, labels, plane } = await runOnce(url, () => {
  const number = () => Math.random() * 2 - 1;
  const plane = [0.9, -0.6, 0.4, -0.8];
  const score = (x: number[]) => x.reduce((sum, v, i) => sum + v * plane[i], 0);
  const points: number[][] = [];
  while (points.length < 120) {
    const x = [number(), number(), number(), number()];
    if (Math.abs(score(x)) > 0.1) points.push(x); // a gap to make it easy
  }
  return { points, labels: points.map((x) => [Math.sign(score(x))]), plane };
});

// A perceptron: where a point is on the wrong side, the weights move. All of it works on secrets, so it does not matter
// whose the points and labels are; `train` is the same in all cases.

function train(party: LaunchedParty, x: CrypTensor, y: CrypTensor, epochs = 25): CrypTensor {
  const label = y.gt(0); // 0 or 1
  let w = party.zeros([x.shape[1], 1]);
  for (let epoch = 0; epoch < epochs; epoch++)
    w = party.tidy(() => w.sub(x.t().matmul(x.matmul(w).ge(0).sub(label)).mul(0.05)));
  return w;
}
const rightOnes = (x: CrypTensor, y: CrypTensor, w: CrypTensor) => x.matmul(w).mul(y).gt(0).sum();

// `src` says whose the values are: only that party's argument is used, the others know the shape.

const answers = await runMultiprocess(two, url, async (party) => {
  const alice = (values: number[][]) => party.cryptensor(values, { src: ALICE });
  const bob = (values: number[][]) => party.cryptensor(values, { src: BOB });
  const part = (from: number, to: number) => points.map((row) => row.slice(from, to));

  // 1. Data labelling: Alice has the points, Bob the labels.
  const labelling = { x: alice(points), y: bob(labels) };
  // 2. Feature aggregation: Alice has two features of each point, Bob the other two; Alice has the labels.
  const aggregation = { x: cat([alice(part(0, 2)), bob(part(2, 4))], 1), y: alice(labels) };
  // 3. Dataset augmentation: each has some of the points and their labels.
  const augmentation = {
    x: cat([alice(points.slice(0, 60)), bob(points.slice(60))]),
    y: cat([alice(labels.slice(0, 60)), bob(labels.slice(60))]),
  };
  const counts = await Promise.all(
    [labelling, aggregation, augmentation].map(({ x, y }) => rightOnes(x, y, train(party, x, y)).item()),
  );

  // 4. Model hiding: Alice has the plane, Bob points. Bob alone learns on which side of it his points are.
  const sides = bob(points.slice(0, 5))
    .matmul(alice(plane.map((v) => [v])))
    .gt(0);
  const told = await sides.reveal({ to: BOB });
  return { counts, sides: told && Array.from(told.data as Float32Array) };
});

const enough = answers[ALICE].counts.map((count) => (count ?? 0) >= 114);
['data labelling', 'feature aggregation', 'dataset augmentation'].forEach((name, i) => {
  console.log(`${i + 1}. ${name}: at least 114 of 120 points right: ${enough[i]}`);
});
// → 1. data labelling: at least 114 of 120 points right: true
// → 2. feature aggregation: at least 114 of 120 points right: true
// → 3. dataset augmentation: at least 114 of 120 points right: true
console.log('4. model hiding: Bob learns', answers[BOB].sides); // → 4. model hiding: Bob learns [ …, …, …, …, … ]
console.log('   Alice learns', answers[ALICE].sides); // →    Alice learns undefined
const expected = labels.slice(0, 5).map(([label]) => (label > 0 ? 1 : 0));
console.log('   as in the clear:', String(expected) === String(answers[BOB].sides)); // →    as in the clear: true

// Who learns what is in the calls that reveal, and nowhere else: `getPlainText()` and `item()` tell all, `reveal({ to })`
// and `item({ to })` one party, `saveFromParty` one party's file. Weights that nobody asks for are never known to anybody;
// `saveShares` keeps them for another day, at each party its share.
//
// What these four have in common: sizes are public. Bob learns how many points Alice has. Pad, if that is a secret.
