import { DelayedTransport, type Transport } from '@tacit/comm';
import type { CrypTensor, Party } from '@tacit/tensor';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import {
  accuracy,
  CrossEntropyLoss,
  type CrossValidateOptions,
  crossValidate,
  Linear,
  MSELoss,
  optim,
  Sequential,
} from '../src/index.js';

const run = async <T>(parties: number, program: (party: Party) => Promise<T>): Promise<T[]> =>
  (await simulate({ parties }, program)).results;

const told = async (x: CrypTensor): Promise<number[]> => {
  const plain = await x.revealFloat64();
  return [...(plain?.data ?? [])];
};

const ROWS = 11;
const xs = Array.from({ length: ROWS }, (_, i) => [((i * 7) % 11) / 11 - 0.5]);
const ys = xs.map(([x]) => [2 * x + 0.25]);

/** Losses of the folds, by gradient descent in the clear on y = w x + b from w = b = 0. */
function reference(folds: number, epochs: number, batchSize: number, lr: number): number[] {
  const at = (i: number) => Math.floor((i * ROWS) / folds);
  return Array.from({ length: folds }, (_, fold) => {
    const rows = (from: number, length: number) => Array.from({ length }, (_, i) => (from + i) % ROWS);
    const held = rows(at(fold), at(fold + 1) - at(fold));
    const left = rows(at(fold + 1), ROWS - held.length);
    let [w, b] = [0, 0];
    for (let epoch = 0; epoch < epochs; epoch++)
      for (let start = 0; start < left.length; start += batchSize) {
        const batch = left.slice(start, start + batchSize);
        const off = batch.map((i) => w * xs[i][0] + b - ys[i][0]);
        const mean = (f: (k: number) => number) => batch.reduce((sum, _, k) => sum + f(k), 0) / batch.length;
        const [dw, db] = [mean((k) => 2 * off[k] * xs[batch[k]][0]), mean((k) => 2 * off[k])];
        w -= lr * dw;
        b -= lr * db;
      }
    return held.reduce((sum, i) => sum + (w * xs[i][0] + b - ys[i][0]) ** 2, 0) / held.length;
  });
}

/** y = w x + b from zeros. */
const line = (party: Party) => () => {
  const layer = new Linear(1, 1);
  for (const parameter of layer.parameters()) parameter.initialize({ kind: 'constant', value: 0 });
  return layer.encrypt(party, { src: 0 });
};

const options = (party: Party, more: Partial<CrossValidateOptions> = {}): CrossValidateOptions => ({
  model: line(party),
  inputs: party.cryptensor(xs, { src: 0 }),
  targets: party.cryptensor(ys, { src: 1 }),
  folds: 3,
  epochs: 3,
  batchSize: 4,
  loss: new MSELoss(),
  optimizer: (parameters) => new optim.SGD(parameters, { lr: 0.3 }),
  order: 'kept',
  ...more,
});

const std = (values: readonly number[]): number => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
};

describe('crossValidate', () => {
  for (const parties of [2, 3])
    it(`trains a model for each fold as in the clear, between ${parties} parties`, async () => {
      const wanted = reference(3, 3, 4, 0.3);
      const all = await run(parties, async (party) => {
        const { scores, mean, spread } = await crossValidate(
          options(party, { reveal: { mean: 'all', spread: 1 } }),
        );
        return { scores: await told(scores), mean, spread };
      });
      for (const [rank, { scores, mean, spread }] of all.entries()) {
        scores.forEach((score, i) => void expect(score).closeTo(wanted[i], 1e-3));
        expect(mean).closeTo(wanted.reduce((a, b) => a + b) / 3, 1e-3);
        if (rank === 1) expect(spread).closeTo(std(wanted), 2e-3);
        else expect(spread).equal(undefined);
      }
    });

  it('gives the same whether models are trained side by side or one after another', async () => {
    const wanted = reference(4, 1, 5, 0.2);
    // How many frames that takes depends on timing, and is for a benchmark to say.
    const tamper = (transport: Transport) => new DelayedTransport(transport, { latencyMs: 15 });
    for (const together of [1, 3, 9]) {
      const { results } = await simulate({ parties: 2, tamper }, async (party) => {
        const more = { folds: 4, epochs: 1, batchSize: 5, together };
        const optimizer: CrossValidateOptions['optimizer'] = (p) => new optim.SGD(p, { lr: 0.2 });
        const found = await crossValidate(options(party, { ...more, optimizer }));
        return told(found.scores);
      });
      for (const scores of results)
        scores.forEach((score, i) => void expect(score, `${together}`).closeTo(wanted[i], 1e-3));
    }
  });

  it('opens the batches of a model once, for all epochs', async () => {
    const masks = async (epochs: number) => {
      const { operations } = await simulate({ parties: 2 }, async (party) => {
        const inputs = party.cryptensor(
          xs.map(([x]) => [x, 1, 2]),
          { src: 0 },
        );
        const model = () => new Linear(3, 1).encrypt(party, { src: 0 });
        await crossValidate(options(party, { inputs, model, epochs }));
      });
      const sizes = operations[0].filter(({ name }) => name === 'mask').map(({ shape }) => String(shape));
      return sizes.filter((shape) => shape === '4,3').length;
    };
    // Of each of three training sets one batch of 4 rows, and one of 3 or 4; held-out rows are 3, 4 and 4.
    expect(await masks(3)).equal(await masks(1));
  });

  it('reveals nothing where nothing is asked for', async () => {
    const { operations, results } = await simulate({ parties: 2 }, async (party) => {
      const { scores, mean, spread } = await crossValidate(options(party));
      await scores.share.value;
      return [mean, spread];
    });
    expect(results).deep.equal([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(operations[0].filter(({ name }) => name.startsWith('reveal'))).deep.equal([]);
  });

  it('puts each row in one fold, also where their sizes differ and where rows are shuffled', async () => {
    const rows = Array.from({ length: 7 }, (_, i) => [2 ** i, -(2 ** i)]);
    for (const order of ['kept', 'shuffled'] as const)
      for (const folds of [2, 3, 7]) {
        const [[sums, differences]] = await run(2, async (party) => {
          const inputs = party.cryptensor(rows, { src: 0 });
          const targets = party.cryptensor(
            rows.map(([v]) => v),
            { src: 1 },
          );
          const model = () => new Linear(2, 1).encrypt(party, { src: 'nobody' });
          const shared = { inputs, targets, model, folds, order, epochs: 0 };
          const one = await crossValidate(options(party, { ...shared, metric: (_, y) => y.sum() }));
          // Inputs and targets are moved by the same permutation.
          const metric = (_: CrypTensor, y: CrypTensor) => y.sub(y).sum();
          const two = await crossValidate(options(party, { ...shared, metric }));
          return [await told(one.scores), await told(two.scores)];
        });
        expect(sums.reduce((a, b) => a + b)).equal(127);
        expect(differences.every((d) => d === 0)).equal(true);
        if (order === 'kept' && folds === 3) expect(sums).deep.equal([3, 12, 112]);
      }
  });

  it('moves inputs and targets alike', async () => {
    const inputs = Array.from({ length: 8 }, (_, i) => [
      [i, 1],
      [2, 3],
    ]);
    const [[scores]] = await run(2, async (party) => {
      const found = await crossValidate({
        ...options(party, { order: 'shuffled', folds: 4, epochs: 0 }),
        inputs: party.cryptensor(inputs, { src: 0 }),
        targets: party.cryptensor(
          inputs.map(([[v]]) => v),
          { src: 1 },
        ),
        // The first number of each row less its target.
        model: () => {
          const layer = new Linear(2, 1, { bias: false });
          layer.weight.data = Float64Array.of(1, 0);
          return layer.encrypt(party, { src: 0 });
        },
        metric: (prediction, y) => prediction.narrow(1, 0, 1).reshape([-1]).sub(y).abs().sum(),
      });
      return [await told(found.scores)];
    });
    expect(scores).deep.equal([0, 0, 0, 0]);
  });

  it('says how many examples are classified right, by one-hot rows and by classes', async () => {
    const [[rows, classes]] = await run(2, async (party) => {
      const prediction = party.cryptensor(
        [
          [1, 2, 0],
          [5, 2, 0],
          [1, 2, 3],
          [0, -1, -2],
        ],
        { src: 0 },
      );
      const oneHot = party.cryptensor(
        [
          [0, 1, 0],
          [0, 1, 0],
          [0, 0, 1],
          [1, 0, 0],
        ],
        { src: 1 },
      );
      const indices = party.cryptensor([1, 1, 2, 0], { src: 1 });
      expect(() => accuracy(prediction, party.zeros([3]))).throw('accuracy takes');
      return [await told(accuracy(prediction, oneHot)), await told(accuracy(prediction, indices))];
    });
    expect([rows, classes]).deep.equal([[0.75], [0.75]]);
  });

  it('trains classifiers of several layers from weights that nobody knows', async () => {
    const points = Array.from({ length: 16 }, (_, i) => [i % 2 ? 1 : -1, Math.sin(i) / 4]);
    const [found] = await run(2, async (party) => {
      const { mean } = await crossValidate({
        model: () => new Sequential(new Linear(2, 4), new Linear(4, 2)).encrypt(party, { src: 'nobody' }),
        inputs: party.cryptensor(points, { src: 0 }),
        targets: party.cryptensor(
          points.map(([x]) => (x > 0 ? 1 : 0)),
          { src: 1 },
        ),
        folds: 2,
        epochs: 5,
        batchSize: 4,
        loss: new CrossEntropyLoss(),
        optimizer: (parameters) => new optim.SGD(parameters, { lr: 0.5, momentum: 0.9 }),
        metric: 'accuracy',
        reveal: { mean: 'all' },
      });
      return mean;
    });
    expect(found).equal(1);
  });

  it('refuses what cannot be meant', async () => {
    await run(2, async (party) => {
      const fails = async (more: object, text: string) => {
        const error: unknown = await crossValidate(options(party, more)).then(
          () => undefined,
          (e: unknown) => e,
        );
        expect(String(error)).include(text);
      };
      await fails({ folds: 1 }, 'folds is 1');
      await fails({ folds: 12 }, '11 rows cannot be divided into 12 folds');
      await fails({ folds: 2.5 }, 'folds is 2.5');
      await fails({ epochs: -1 }, 'epochs is -1');
      await fails({ batchSize: 0 }, 'batchSize is 0');
      await fails({ together: 0 }, 'together is 0');
      await fails({ metric: 'auc' }, 'metric is');
      await fails({ order: 'random' }, 'order is');
      await fails({ reveal: { mean: 2 } }, 'reveal.mean');
      await fails({ reveal: { scores: 'all' } }, 'scores');
      await fails({ fold: 3 }, 'fold');
      await fails({ targets: ys }, 'targets of crossValidate are a secret tensor');
      await fails({ inputs: undefined }, 'inputs of crossValidate are a secret tensor');
      await fails({ model: line(party)() }, 'model of crossValidate is a function');
      await fails({ optimizer: undefined }, 'optimizer of crossValidate is a function');
      await fails({ loss: 'mse' }, 'loss of crossValidate is a loss');
      await fails({ targets: party.zeros([3, 1]) }, 'as many rows');
      await fails({ targets: party.zeros([]) }, 'as many rows');
      await fails({ inputs: party.zeros([0, 1]), targets: party.zeros([0, 1]) }, '0 rows cannot');
      await fails({ metric: (p: CrypTensor) => p }, 'a metric is one number');
      await fails({ model: () => new Linear(1, 1) }, 'encrypt');
    });
  });
});
