/**
 * npx tsx bench/training.mts [mlp-step|lenet-step|svm|digits-mlp|digits-cnn] [--batch N] [--parties N]: training in private,
 * two parties and a dealer as threads. Images belong to party 0, labels to party 1. Prints milliseconds, rounds and bytes of
 * a step, or the accuracy on test digits.
 */
import { parseArgs } from 'node:util';
import { type LaunchedParty, nn, optim, runMultiprocess } from 'tacit';
import { type Digits, digits } from './lib/digits.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    batch: { type: 'string' },
    lr: { type: 'string', default: '0.05' },
    momentum: { type: 'string', default: '0.9' },
    suite: { type: 'string', default: 'additive' },
    parties: { type: 'string', default: '2' },
  },
});
const [what = 'mlp-step'] = positionals;

const mlp = () => new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));
/** LeNet-1 with ReLUs. */
const lenet1 = () =>
  new nn.Sequential(
    new nn.Conv2d(1, 4, 5),
    new nn.ReLU(),
    new nn.Lambda((x) => x.avgPool2d({ kernel: 2 })),
    new nn.Conv2d(4, 12, 5),
    new nn.ReLU(),
    new nn.Lambda((x) => x.avgPool2d({ kernel: 2 })),
    new nn.Flatten(),
    new nn.Linear(192, 10),
  );
const cnn = () =>
  new nn.Sequential(
    new nn.Conv2d(1, 8, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.Lambda((x) => x.maxPool2d({ kernel: 2 })),
    new nn.Conv2d(8, 16, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.Lambda((x) => x.maxPool2d({ kernel: 2 })),
    new nn.Flatten(),
    new nn.Linear(784, 10),
  );

interface Step {
  readonly ms: number;
  readonly rounds: number;
  readonly bytes: number;
}

/** Steps on one batch of noise, each waited for. */
async function steps(party: LaunchedParty, model: nn.Module, shape: readonly number[]): Promise<Step[]> {
  const [batch] = shape;
  model.encrypt(party, { src: 0 });
  const sgd = new optim.SGD(model.parameters(), { lr: 0.1 });
  const criterion = new nn.CrossEntropyLoss();
  const noise = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
    Math.abs(Math.sin(i * i)),
  );
  const labels = Float64Array.from({ length: batch * 10 }, (_, i) =>
    i % 10 === Math.floor(i / 10) % 10 ? 1 : 0,
  );
  const made: Step[] = [];
  for (let i = 0; i < 20; i++) {
    // Of a batch that was not seen before.
    const x = party.cryptensor(noise, { src: 0, shape });
    const y = party.cryptensor(labels, { src: 1, shape: [batch, 10] });
    const { rounds, total } = party.stats;
    const before = { rounds, bytes: total.bytesSent };
    const start = performance.now();
    sgd.zeroGrad();
    const loss = criterion.forward(model.forward(x), y);
    loss.backward();
    sgd.step();
    await Promise.all(
      [...model.parameters()].map(({ operand }) => 'share' in operand && operand.share.value),
    );
    made.push({
      ms: performance.now() - start,
      rounds: party.stats.rounds - before.rounds,
      bytes: party.stats.total.bytesSent - before.bytes,
    });
    for (const tensor of [x, y, loss]) tensor.dispose();
  }
  return made;
}

const EPOCHS = 2;

async function learn(
  party: LaunchedParty,
  model: nn.Module,
  {
    train,
    test,
    shape,
    batch,
    lr,
  }: { train: Digits; test: Digits; shape: readonly number[]; batch: number; lr: number },
) {
  model.encrypt(party, { src: 0 });
  const sgd = new optim.SGD(model.parameters(), { lr, momentum: Number(values.momentum) });
  const criterion = new nn.CrossEntropyLoss();
  const own = party.rank;
  const start = performance.now();
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    let last: Promise<unknown> = Promise.resolve();
    for (let at = 0; at < train.count; at += batch) {
      const end = Math.min(train.count, at + batch);
      const count = end - at;
      const images = own === 0 ? train.images.subarray(at * 784, end * 784) : undefined;
      const labels = own === 1 ? train.oneHot.subarray(at * 10, end * 10) : undefined;
      const x = party.cryptensor(images, { src: 0, shape: [count, ...shape] });
      const y = party.cryptensor(labels, { src: 1, shape: [count, 10] });
      // Down to nearly nothing at the end, along a cosine.
      const done = (epoch + at / train.count) / EPOCHS;
      sgd.lr = lr * (0.02 + 0.98 * 0.5 * (1 + Math.cos(Math.PI * done)));
      sgd.zeroGrad();
      const loss = criterion.forward(model.forward(x), y);
      loss.backward();
      sgd.step();
      for (const tensor of [x, y, loss]) tensor.dispose();
      // One step runs while the next is issued.
      await last;
      const [first] = model.parameters();
      last = 'share' in first.operand ? first.operand.share.value : last;
    }
    await last;
    if (own === 0) console.log(`epoch ${epoch + 1}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
  const seconds = (performance.now() - start) / 1000;
  const x = party.cryptensor(own === 0 ? test.images : undefined, { src: 0, shape: [test.count, ...shape] });
  const y = party.cryptensor(own === 1 ? test.oneHot : undefined, { src: 1, shape: [test.count, 10] });
  model.eval();
  const right = model.forward(x).argmaxOneHot(1).mul(y).sum();
  return { seconds, right: await right.item(), of: test.count };
}

const median = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

function report(name: string, [first]: readonly Step[][]): void {
  const settled = first.slice(5);
  const ms = settled.map((step) => step.ms);
  const { rounds, bytes } = settled[0];
  console.log(
    `${name}: ${median(ms).toFixed(0)} ms a step (${Math.min(...ms).toFixed(0)} at best), ${rounds} rounds, ${(bytes / 1e6).toFixed(2)} MB sent by party 0`,
  );
}

const worldSize = Number(values.parties);
const batch = Number(values.batch ?? 32);
if (what === 'mlp-step')
  report(
    `MLP 784-128-10, batch ${batch}`,
    await runMultiprocess({ worldSize }, import.meta.url, (party) => steps(party, mlp(), [batch, 784])),
  );
else if (what === 'lenet-step')
  report(
    `LeNet-1, batch ${batch}`,
    await runMultiprocess({ worldSize }, import.meta.url, (party) =>
      steps(party, lenet1(), [batch, 1, 28, 28]),
    ),
  );
else if (what === 'digits-mlp' || what === 'digits-cnn') {
  const [result] = await runMultiprocess(
    { worldSize, timeoutMs: 600_000, suite: values.suite as 'plain' },
    import.meta.url,
    (party) => {
      const convolutional = what === 'digits-cnn';
      const { train, test } = digits(convolutional ? 4000 : 9000, 1000);
      const shape = convolutional ? [1, 28, 28] : [784];
      const model = convolutional ? cnn() : mlp();
      return learn(party, model, {
        train,
        test,
        shape,
        batch: Number(values.batch ?? 64),
        lr: Number(values.lr),
      });
    },
  );
  console.log(`${what}: ${result.right} of ${result.of} test digits right, ${result.seconds.toFixed(0)} s`);
} else throw new Error(`there is no ${what} here`);
