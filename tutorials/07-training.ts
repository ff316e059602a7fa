/**
 * Training an encrypted network: Alice and Bob each have a part of every image, Alice the labels. They train a network that
 * tells zeros from other digits, on images that neither of them ever sees as a whole.
 *
 *     npm ci && npm run build
 *     npx tsx tutorials/07-training.ts
 *
 * The lines after "// →" are what it prints; … stands for what differs each time. A test holds the two together.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cat, encodeNpy, nn, noGrad, npyNumbers, optim, parseNpy, runMultiprocess, runOnce } from 'tacit';

const ALICE = 0;
const BOB = 1;
const url = import.meta.url;
const TRAINING = 120;
const TEST = 60;

// 1. The files. Of each image, 28 rows of 28 pixels, Alice has the first 20 rows, Bob the last 8. Half of the images are
//    zeros. runOnce: the parties run this module again, and the files should be written once.

const folder = await runOnce(url, () => {
  const fixture = (name: string) =>
    npyNumbers(parseNpy(readFileSync(new URL(`../fixtures/mnist_test_1000/${name}.npy`, import.meta.url))));
  const [pixels, digits] = [fixture('images'), fixture('labels')];
  const indices = Array.from(digits.keys());
  const zeros = indices.filter((i) => digits[i] === 0);
  const others = indices.filter((i) => digits[i] !== 0);
  const chosen = Array.from({ length: TRAINING + TEST }, (_, k) => (k % 2 === 0 ? zeros : others)[k >> 1]);

  const rows = (from: number, to: number) =>
    Float32Array.from(
      chosen.flatMap((i) => [...pixels.subarray(784 * i + 28 * from, 784 * i + 28 * to)]),
      (v) => v / 255,
    );
  const folder = mkdtempSync(join(tmpdir(), 'tutorial-'));
  const write = (name: string, shape: number[], data: Float32Array) =>
    writeFileSync(join(folder, name), encodeNpy(shape, data));
  write('alice.npy', [chosen.length, 20, 28], rows(0, 20));
  write('bob.npy', [chosen.length, 8, 28], rows(20, 28));
  // One-hot rows: [1, 0] for a zero, [0, 1] for another digit.
  write(
    'alice-labels.npy',
    [chosen.length, 2],
    Float32Array.from(chosen.flatMap((i) => (digits[i] === 0 ? [1, 0] : [0, 1]))),
  );
  return folder;
});

const [told] = await runMultiprocess({ worldSize: 2 }, url, async (party) => {
  // 2. Load and join. An image is whole now, but secret: [180, 1, 28, 28].
  const [top, bottom, labels] = await Promise.all([
    party.loadFromParty(join(folder, 'alice.npy'), { src: ALICE }),
    party.loadFromParty(join(folder, 'bob.npy'), { src: BOB }),
    party.loadFromParty(join(folder, 'alice-labels.npy'), { src: ALICE }),
  ]);
  const images = cat([top, bottom], 1).unsqueeze(1);
  const batches = (size: number) =>
    Array.from({ length: TRAINING / size }, (_, k) =>
      [images, labels].map((t) => t.narrow(0, k * size, size)),
    );

  // 3. A network whose initial weights nobody knows. What is trained is shared; `src: 0` would start from Alice's weights.
  const model = new nn.Sequential(
    new nn.Conv2d(1, 4, 5, { stride: 2 }),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(4 * 12 * 12, 2),
  );
  model.encrypt(party, { src: 'nobody' });

  // 4. The loop, as in PyTorch. Nothing in it is awaited but the loss, once an epoch, which both learn. It depends on all
  //    the data; leave it out if you do not need it.
  const criterion = new nn.CrossEntropyLoss();
  const sgd = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.8 });
  const losses: number[] = [];
  for (let epoch = 0; epoch < 4; epoch++) {
    let loss = party.zeros([]);
    const parts = batches(20);
    for (const [x, y] of parts) {
      sgd.zeroGrad();
      const own = criterion.forward(model.forward(x), y);
      own.backward();
      sgd.step();
      loss = loss.add(own.detach());
    }
    losses.push((await loss.mul(1 / parts.length).item()) ?? Number.NaN);
  }

  // 5. How good is it? One number is revealed: how many of the 60 images that it was not trained on it puts right.
  const right = noGrad(() => {
    const [x, y] = [images, labels].map((t) => t.narrow(0, TRAINING, TEST));
    return model.forward(x).argmax(1).eq(y.argmax(1)).sum();
  });
  return { losses, right: await right.item(), parameters: [...model.parameters()].length };
});

console.log('3. parameters', told.parameters); // → 3. parameters 4
told.losses.forEach((loss, epoch) => {
  console.log(`4. epoch ${epoch + 1}, loss ${loss.toFixed(3)}`);
});
// → 4. epoch 1, loss 0.…
// → 4. epoch 2, loss 0.…
// → 4. epoch 3, loss 0.…
// → 4. epoch 4, loss 0.…
console.log('   it fell', told.losses[3] < told.losses[0]); // →    it fell true
console.log('5. at least 45 of 60 right:', (told.right ?? 0) >= 45); // → 5. at least 45 of 60 right: true

// 6. What now? The model is still secret. `party.saveShares` keeps it, at each party its shares. `model.decrypt({ to: ALICE })`
//    gives it to Alice, and with it what a model remembers of its data (examples/membership-inference.ts). The next
//    tutorial runs parties as processes of their own.
rmSync(folder, { recursive: true });
