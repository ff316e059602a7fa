/** The loop: the same weights as by hand, what is told and to whom, order, ends. */
import type { CrypTensor, Party } from '@tacit/tensor';
import { endings, simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import {
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  type EpochReport,
  evaluate,
  fit,
  HingeLoss,
  Lambda,
  Linear,
  type Module,
  MSELoss,
  optim,
  ReLU,
  Sequential,
} from '../../src/index.js';
import { classes, dense, noise, plainSGD, plainStep, rectifier } from '../helpers/plain-training.js';

const N = 10;
const x = noise(N * 4, 1);
const labels = Array.from({ length: N }, (_, i) =>
  x[4 * i] + x[4 * i + 1] > 0 ? 1 : x[4 * i + 2] > 0 ? 2 : 0,
);
const oneHot = Float64Array.from({ length: N * 3 }, (_, i) => (labels[Math.floor(i / 3)] === i % 3 ? 1 : 0));
const sizes = [24, 6, 18, 3];
const initial = sizes.map((n, i) => noise(n, 10 + i));

const network = (party: Party): Module => {
  const model = new Sequential(new Linear(4, 6), new ReLU(), new Linear(6, 3));
  [...model.parameters()].forEach((parameter, i) => {
    parameter.data = initial[i];
  });
  return model.encrypt(party, { src: 0 });
};
const data = (party: Party) => ({
  inputs: party.cryptensor(x, { src: 0, shape: [N, 4] }),
  targets: party.cryptensor(oneHot, { src: 1, shape: [N, 3] }),
});
const weights = async (model: Module): Promise<number[]> =>
  Object.values((await model.decrypt()) ?? {}).flatMap(({ data }) => [...data]);

/** The same by hand: batches of four, in order. */
function byHand(
  epochs: number,
  dropLast = false,
): { losses: number[]; weights: number[]; layers: ReturnType<typeof dense>[] } {
  const copy = initial.map((w) => w.slice());
  const layers = [dense(4, 6, copy[0], copy[1]), rectifier(), dense(6, 3, copy[2], copy[3])];
  const rule = plainSGD({ lr: 0.2, momentum: 0.5 });
  const losses = Array.from({ length: epochs }, () => {
    let sum = 0;
    let count = 0;
    for (let start = 0; start < N; start += 4) {
      const batch = Math.min(4, N - start);
      if (dropLast && batch < 4) continue;
      const part = {
        x: x.slice(4 * start, 4 * (start + batch)),
        t: oneHot.slice(3 * start, 3 * (start + batch)),
        batch,
      };
      sum += batch * plainStep(layers, part, classes, rule);
      count += batch;
    }
    return sum / count;
  });
  return { losses, weights: copy.flatMap((w) => [...w]), layers };
}

const sgd = (model: Module) => new optim.SGD(model.parameters(), { lr: 0.2, momentum: 0.5 });

describe('fit', () => {
  for (const parties of [2, 3])
    it(`trains as by hand, in batches by order, ${parties} parties`, async function () {
      this.timeout(30_000);
      const expected = byHand(2);
      const { results } = await simulate({ parties, delays: 1 }, async (party) => {
        const model = network(party).eval();
        const seen: unknown[] = [];
        const result = await fit(model, {
          ...data(party),
          loss: new CrossEntropyLoss(),
          optimizer: sgd(model),
          epochs: 2,
          batchSize: 4,
          reveal: { loss: 'all', accuracy: 1 },
          onBatchEnd: ({ epoch, batch, batches, loss, rounds, bytes, seconds }) => {
            expect(model.training).equal(true);
            for (const number of [rounds, bytes, seconds]) expect(number).above(0);
            seen.push([epoch, batch, batches, typeof loss]);
          },
          onEpochEnd: async ({ epoch }) => seen.push(epoch),
        });
        expect(model.training).equal(false);
        return { result, seen, weights: await weights(model) };
      });
      const batch = (epoch: number) => [0, 1, 2].map((b) => [epoch, b, 3, 'number']);
      results.forEach(({ result, seen, weights: found }, rank) => {
        expect(seen).deep.equal([...batch(0), 0, ...batch(1), 1]);
        expect(result.aborted).equal(false);
        result.epochs.forEach(({ loss, accuracy }, epoch) => {
          expect(loss).closeTo(expected.losses[epoch], 2 ** -7);
          expect(accuracy === undefined).equal(rank !== 1);
        });
        found.forEach((v, i) => {
          expect(v).closeTo(expected.weights[i], 2 ** -8);
        });
      });
      // How many were right in the last epoch cannot be more than there are.
      expect((results[1].result.epochs[1].accuracy ?? 0) * N).satisfies(Number.isInteger);
    });

  it('leaves the last batch out where asked to, and tells losses of epochs only', async function () {
    this.timeout(20_000);
    const expected = byHand(2, true);
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const model = network(party);
      const losses: (number | undefined)[] = [];
      const { epochs } = await fit(model, {
        ...data(party),
        loss: new CrossEntropyLoss(),
        optimizer: sgd(model),
        epochs: 2,
        batchSize: 4,
        dropLast: true,
        reveal: { loss: 0, every: 'epoch' },
        onBatchEnd: ({ loss }) => losses.push(loss),
      });
      return { epochs, losses, weights: await weights(model) };
    });
    results.forEach(({ epochs, losses, weights: found }, rank) => {
      expect(losses).deep.equal(new Array(4).fill(undefined));
      epochs.forEach(({ loss }, i) => {
        if (rank === 0) expect(loss).closeTo(expected.losses[i], 2 ** -7);
        else expect(loss).equal(undefined);
      });
      found.forEach((v, i) => {
        expect(v).closeTo(expected.weights[i], 2 ** -8);
      });
    });
  });

  it('tells nothing by default, whoever listens', async function () {
    this.timeout(20_000);
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const model = network(party);
      const told: unknown[] = [];
      const { engine } = party;
      const reveal = engine.reveal.bind(engine);
      engine.reveal = (...args) => {
        told.push('reveal');
        return reveal(...args);
      };
      const { epochs } = await fit(model, {
        ...data(party),
        loss: (y, t) => y.sub(t).square().mean(),
        optimizer: sgd(model),
        epochs: 1,
        batchSize: 7,
        ...(party.rank === 0 ? { onBatchEnd: (report: object) => told.push(...Object.keys(report)) } : {}),
      });
      return [...told, ...Object.keys(epochs[0])];
    });
    for (const keys of results)
      for (const key of ['loss', 'accuracy', 'reveal']) expect(keys).not.contain(key);
  });

  it('goes through all examples in every order, rows and targets together', async function () {
    this.timeout(20_000);
    const { results } = await simulate({ parties: 3 }, async (party) => {
      const model = new Linear(1, 1, { bias: false });
      model.weight.data = Float64Array.of(0);
      model.encrypt(party, { src: 0 });
      const numbers = Float64Array.from({ length: 8 }, (_, i) => i + 1);
      await fit(model, {
        inputs: party.cryptensor(numbers, { src: 0, shape: [8, 1] }),
        // Of another scale: a whole number.
        targets: party.cryptensor(numbers, { src: 1, shape: [8], precision: 0 }),
        loss: (y, t) => y.sub(t.reshape([-1, 1])).mean(),
        optimizer: new optim.SGD(model.parameters(), { lr: 1 }),
        epochs: 2,
        batchSize: 3,
        shuffle: true,
      });
      return (await weights(model))[0];
    });
    // Batches of 3, 3 and 2: gradients are means of inputs; in any order their sum is between those of the extremes.
    for (const w of results) expect(-w).within(2 * 12, 2 * 15);
  });

  it('shuffles inputs and targets by one permutation', async function () {
    this.timeout(20_000);
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const model = new Linear(2, 1, { bias: false });
      model.weight.data = Float64Array.of(3, -2);
      model.encrypt(party, { src: 0 });
      const rows = noise(12, 4);
      const right = Float64Array.from({ length: 6 }, (_, i) => 3 * rows[2 * i] - 2 * rows[2 * i + 1]);
      const { epochs } = await fit(model, {
        inputs: party.cryptensor(rows, { src: 0, shape: [6, 2] }),
        targets: party.cryptensor(right, { src: 1, shape: [6, 1] }),
        loss: new MSELoss(),
        optimizer: new optim.SGD(model.parameters(), { lr: 0.01 }),
        epochs: 2,
        batchSize: 2,
        shuffle: true,
        reveal: { loss: 'all' },
      });
      return epochs.map(({ loss }) => loss);
    });
    for (const losses of results) for (const loss of losses) expect(loss).closeTo(0, 2 ** -10);
  });

  for (const when of [-1, 2])
    it(`ends at all parties after the signal of one, ${when < 0 ? 'at once' : 'between batches'}`, async function () {
      this.timeout(20_000);
      const { results } = await simulate({ parties: 3, delays: 3 }, async (party) => {
        const model = network(party);
        const controller = new AbortController();
        if (when < 0 && party.rank === 1) controller.abort();
        let count = 0;
        const { epochs, aborted } = await fit(model, {
          ...data(party),
          loss: new MSELoss(),
          optimizer: sgd(model),
          epochs: 5,
          batchSize: 2,
          signal: controller.signal,
          onBatchEnd: () => {
            if (++count === when && party.rank === 1) controller.abort();
          },
        });
        // The parties go on together.
        return { epochs: epochs.length, aborted, count, weights: await weights(model) };
      });
      for (const one of results) expect(one).deep.equal(results[0]);
      const [{ epochs, aborted, count }] = results;
      expect({ epochs, aborted }).deep.equal({ epochs: 0, aborted: true });
      expect(count).within(when < 0 ? 0 : 2, when < 0 ? 0 : 4);
    });

  it('sets learning rates by a schedule, and takes several inputs', async function () {
    this.timeout(20_000);
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const inner = new Linear(4, 1);
      const model = new (class extends Lambda {
        readonly inner = inner;
        override forward(a: CrypTensor, b?: CrypTensor): CrypTensor {
          return inner.forward(b ? a.add(b) : a);
        }
      })((y) => y);
      model.encrypt(party, { src: 0 });
      const optimizer = new optim.Adam(model.parameters(), { lr: 0.5 });
      const { inputs } = data(party);
      const targets = party.cryptensor(
        labels.map((v) => (v > 0 ? 1 : 0)),
        { src: 1, shape: [N, 1] },
      );
      const { epochs } = await fit(model, {
        inputs: [inputs, inputs],
        targets,
        loss: new BCEWithLogitsLoss(),
        optimizer,
        scheduler: new optim.lrScheduler.StepLR(optimizer, 1, 0.5),
        epochs: 3,
        batchSize: 10,
        reveal: { loss: 'all', accuracy: 'all' },
      });
      const { accuracy, loss, metric, examples } = await evaluate(model, {
        inputs: [inputs, inputs],
        targets,
        loss: new BCEWithLogitsLoss(),
        metric: (y) => y.mean(),
        batchSize: 4,
        reveal: { loss: 'all', accuracy: 'all', metric: 1 },
      });
      return { epochs, accuracy, loss, metric, examples, lr: optimizer.lr };
    });
    const [{ epochs, accuracy, loss, metric, examples, lr }, other] = results;
    expect(epochs.map((e: EpochReport) => e.lr)).deep.equal([0.5, 0.25, 0.125]);
    expect([lr, examples, metric]).deep.equal([0.0625, N, undefined]);
    expect(other.metric).a('number');
    expect(loss).below(epochs[0].loss ?? 0);
    expect((accuracy ?? -1) * N).satisfies((v: number) => Math.abs(v - Math.round(v)) < 1e-9);
  });

  it('trains a linear support vector machine, three parties', async function () {
    this.timeout(20_000);
    const rows = noise(40, 21);
    const signs = Array.from({ length: 20 }, (_, i) => (rows[2 * i] - 2 * rows[2 * i + 1] > 0.1 ? 1 : -1));
    const { results } = await simulate({ parties: 3 }, async (party) => {
      const model = new Linear(2, 1).encrypt(party, { src: 'nobody' });
      const inputs = party.cryptensor(rows, { src: 0, shape: [20, 2] });
      const targets = party.cryptensor(signs, { src: 1 }).reshape([20, 1]);
      await fit(model, {
        inputs,
        targets,
        loss: new HingeLoss(),
        optimizer: new optim.SGD(model.parameters(), { lr: 0.5, momentum: 0.9 }),
        epochs: 15,
        batchSize: 20,
      });
      return evaluate(model, { inputs, targets, reveal: { accuracy: 'all' } });
    });
    for (const { accuracy } of results) expect(accuracy).within(0.9, 1);
  });

  it('evaluates as by hand', async function () {
    this.timeout(20_000);
    const { layers } = byHand(0);
    let y = x as Float64Array;
    for (const layer of layers) y = layer.forward(y, N);
    const { loss } = classes(y, oneHot, N);
    const right = labels.filter((label, i) => {
      const row = [...y.subarray(3 * i, 3 * i + 3)];
      return row.indexOf(Math.max(...row)) === label;
    }).length;
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const model = network(party);
      const { inputs, targets } = data(party);
      const indices = party.cryptensor(labels, { src: 1 });
      const of = (given: CrypTensor, batchSize?: number) =>
        evaluate(model, {
          inputs,
          targets: given,
          loss: new CrossEntropyLoss(),
          ...(batchSize ? { batchSize } : {}),
          reveal: { loss: 'all', accuracy: 'all' },
        });
      return [await of(targets), await of(targets, 3), await of(indices, 4)];
    });
    for (const found of results[0]) {
      expect(found.loss).closeTo(loss, 2 ** -8);
      expect(found.accuracy).equal(right / N);
    }
  });

  it('refuses what makes no sense', async function () {
    this.timeout(20_000);
    const ended = await endings({ parties: 2 }, async (party) => {
      const model = network(party);
      const { inputs, targets } = data(party);
      const optimizer = sgd(model);
      const good = { inputs, targets, loss: new MSELoss(), optimizer, epochs: 1, batchSize: 4 };
      const other = network(party);
      const changes: object[] = [
        { inputs: [[1]] },
        { inputs: [] },
        { inputs: undefined },
        { targets: [[1]] },
        { targets: party.zeros([9, 3]) },
        { inputs: party.zeros([]) },
        { inputs: party.zeros([0, 4]), targets: party.zeros([0, 3]) },
        { loss: new MSELoss({ reduction: 'none' }) },
        { loss: 'mse' },
        { optimizer: 'sgd' },
        { optimizer: sgd(other) },
        { epochs: 0 },
        { epochs: 1.5 },
        { batchSize: Number.NaN },
        { batchSize: 11, dropLast: true },
        { shuffle: 1 },
        { reveal: { loss: true } },
        { reveal: { loss: 2 } },
        { reveal: { loss: undefined } },
        { reveal: { losses: 0 } },
        { reveal: { loss: 0, every: 'step' } },
        { signal: {} },
        { onEpochEnd: 1 },
        { scheduler: new optim.lrScheduler.StepLR(sgd(model), 1) },
        { epoch: 1 },
      ];
      const codes: unknown[] = [];
      const code = (promise: Promise<unknown>) =>
        promise.then(
          () => 'none',
          (error) => error.code,
        );
      for (const change of changes) codes.push(await code(fit(model, { ...good, ...change } as never)));
      for (const change of [{}, { reveal: {} }, { reveal: { loss: 0 } }, { reveal: { metric: 0 } }])
        codes.push(await code(evaluate(model, { inputs, targets, ...change } as never)));
      codes.push(await code(fit(undefined as never, good)), await code(fit(model, undefined as never)));
      return codes;
    });
    for (const { value, error } of ended.slice(0, 2)) {
      expect(error).equal(undefined);
      const codes = (value ?? []) as string[];
      expect(codes.filter((code) => code === 'SHAPE').length).equal(2);
      expect(codes.filter((code) => code === 'ARGUMENT').length).equal(29);
    }
  });
});
