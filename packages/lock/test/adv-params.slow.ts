/** Locks by AdvParams: what they change, that unlocking undoes it bit for bit, and what is refused. */
import { createHash } from 'node:crypto';
import { fixtureBytes } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import { type FloatType, numberOf, readBits } from '../src/adv-params/number-bits.js';
import {
  type AdvParamsLock,
  type AdvParamsOptions,
  attackLock,
  type LabelledData,
  lockAdvParams,
  readMark,
  readWeights,
  unlockAdvParams,
  writeWeights,
} from '../src/index.js';
import { classifier, greatest } from './helpers/classifiers.js';
import { digitsFrom } from './helpers/mnist.js';
import { numbers, randomLocks } from './helpers/random-locks.js';

const TYPES: readonly FloatType[] = ['float', 'float16', 'double'];
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const INPUTS = 4;
/** A classifier that knows which input is the greatest: two unit matrices with some noise. */
function knowing(options: Partial<Parameters<typeof classifier>[0]> = {}): Uint8Array {
  const noise = numbers(7);
  return classifier({
    type: 'float',
    inputs: INPUTS,
    hidden: INPUTS,
    classes: INPUTS,
    weight: (name, i) => {
      const unit = name.startsWith('w') && i % (INPUTS + 1) === 0 ? 1 : 0;
      return unit * (name === 'w2' ? 9 : 1) + 0.1 * noise();
    },
    ...options,
  });
}
const data = greatest(60, INPUTS, numbers(3));
const here = { threads: 0 } as const;

async function failure(act: () => unknown): Promise<{ code?: string; message: string }> {
  try {
    await act();
  } catch (error) {
    return error as { code?: string; message: string };
  }
  throw new Error('nothing was thrown');
}

/** What differs between two files of the same weights. */
function changesBetween(model: Uint8Array, locked: Uint8Array): Map<string, number[]> {
  const before = readWeights(model);
  return new Map(
    readWeights(locked).map(({ name, bytes, bits }, at) => {
      const size = bits / 8;
      const same = (i: number) =>
        Buffer.compare(
          bytes.slice(i * size, (i + 1) * size),
          before[at].bytes.slice(i * size, (i + 1) * size),
        ) === 0;
      return [name, Array.from({ length: bytes.length / size }, (_, i) => i).filter((i) => !same(i))];
    }),
  );
}

describe('locks by AdvParams', function () {
  this.timeout(300_000);

  it('make a classifier of every type useless, within the bounds of its layers', async () => {
    for (const type of TYPES) {
      const model = knowing({ type });
      const { locked, key, report } = await lockAdvParams(model, data, { ...here, maxParams: 8 });
      expect(report.clean.accuracy, type).greaterThan(0.8);
      expect(report.locked.accuracy, type).at.most(0.27 + 1e-9);
      expect(report.trace.at(-1)).deep.include({ changed: report.changed });
      const found = changesBetween(model, locked);
      for (const layer of report.layers) {
        expect(found.get(layer.name)?.length, layer.name).equal(layer.changed);
        expect(layer.changed).at.most(8);
      }
      expect([...found.values()].flat()).length(report.changed);
      for (const { name, changes, type: own } of key.body.layers) {
        const bytes = readWeights(locked).find((weight) => weight.name === name)?.bytes ?? new Uint8Array();
        for (const { index, locked: bits } of changes) expect(readBits(bytes, index, own)).equal(bits);
      }
      expect(sha(unlockAdvParams(locked, key)), type).equal(sha(model));
    }
  });

  it('are undone bit for bit: models and locks at random, of every type and storage', async () => {
    expect(await randomLocks(200)).at.least(140);
  });

  it('leave LeNet-1 no better than chance by 29 of 3,246 weights, or about as many', async () => {
    const model = fixtureBytes('mnist_lenet1_tanh/model.onnx');
    const evaluation = digitsFrom(500, 500);
    const { locked, key, report } = await lockAdvParams(model, digitsFrom(0, 500), { ...here, evaluation });
    expect(report.clean.accuracy).greaterThan(0.97);
    expect(report.locked.accuracy).at.most(0.15);
    expect(report.changed).at.most(100);
    expect(sha(unlockAdvParams(locked, key))).equal(sha(model));
  });

  it('move weights in the chosen layers only, and statistics of batches never', async () => {
    const model = knowing();
    const { key, report } = await lockAdvParams(model, data, {
      ...here,
      maxLayers: 1,
      maxParams: 2,
      acceptWeaker: true,
      stopAccuracy: 0,
    });
    expect(report.layers).length(1);
    expect(key.body.layers).length(1);
    const cnn = fixtureBytes('mnist_cnn_bn/model.onnx');
    const digits = digitsFrom(0, 8);
    const lock = await lockAdvParams(cnn, digits, { ...here, maxRounds: 1, acceptWeaker: true });
    const names = lock.report.layers.map(({ name }) => name);
    expect(names).length(14);
    expect(names.join()).not.include('running');
    expect(names).include('bn1.bias').and.include('conv1.weight').and.include('fc2.bias');
    expect(sha(unlockAdvParams(lock.locked, lock.key))).equal(sha(cnn));
  });

  it('measure accuracy on other examples where there are some, and follow both rules', async () => {
    const model = knowing();
    const evaluation = greatest(40, INPUTS, numbers(11));
    const seen: number[] = [];
    const options: AdvParamsOptions = {
      ...here,
      maxParams: 8,
      evaluation,
      onProgress: ({ round }) => seen.push(round),
    };
    const { report } = await lockAdvParams(model, data, options);
    expect([report.evaluated, report.examples, report.sameData]).deep.equal([40, 60, false]);
    expect(seen).deep.equal(report.trace.map(({ round }) => round).concat(seen.slice(report.trace.length)));
    const seed = await lockAdvParams(model, data, { ...here, rule: 'seed', acceptWeaker: true });
    for (const { name, changes, type } of seed.key.body.layers) {
      const high = seed.report.layers.find((layer) => layer.name === name)?.high ?? 0;
      for (const { original, locked } of changes)
        expect(numberOf(locked, type), 'weights only grow, or are clamped').greaterThan(
          Math.min(numberOf(original, type), high - 1e-5),
        );
    }
    const multiple = await lockAdvParams(model, data, { ...here, lossMultiple: 5 });
    expect(multiple.report.ending).equal('loss');
    expect(multiple.report.locked.loss).greaterThan(5 * multiple.report.clean.loss);
  });

  it('say that they are there only where asked to', async () => {
    const model = knowing();
    const plain = await lockAdvParams(model, data, { ...here, maxParams: 8 });
    expect(readMark(plain.locked)).equal(undefined);
    expect(plain.locked.length).equal(model.length);
    const marked = await lockAdvParams(model, data, { ...here, maxParams: 8, mark: true });
    expect(readMark(marked.locked)).deep.include({ kind: 'adv-params', keyId: marked.key.id });
    expect(sha(unlockAdvParams(marked.locked, marked.key))).equal(sha(model));
    expect(await failure(() => lockAdvParams(marked.locked, data, here))).include({ code: 'LOCK_STATE' });
  });

  it('are refused where they are too weak, or there is nothing to lock', async () => {
    const model = knowing();
    const weak = await failure(() =>
      lockAdvParams(model, data, { ...here, maxParams: 1, maxLayers: 1, stepSize: 0.01, maxRounds: 1 }),
    );
    expect(weak).include({ code: 'LOCK_WEAK' });
    expect(weak.message).include('rounds are used up').and.include('max-params');
    const same = classifier({ type: 'float', inputs: 3, hidden: 2, classes: 3, weight: () => 1 });
    const three = greatest(9, 3, numbers(5));
    expect(await failure(() => lockAdvParams(same, three, { ...here, stopAccuracy: 0 }))).include({
      code: 'LOCK_WEAK',
    });
    const knowsNothing = await failure(() => lockAdvParams(same, three, { ...here, stopAccuracy: 0.99 }));
    expect(knowsNothing.message).include('no better than the stop');
    const broken = knowing({ weight: () => 1e38 });
    expect(
      (
        await failure(() =>
          lockAdvParams(
            broken,
            { ...data, images: { ...data.images, data: Array.from(data.images.data, () => 1e38) } },
            here,
          ),
        )
      ).message,
    ).match(/the loss of the model is|1e\+?38|Infinity|NaN/);
  });

  it('are refused for data that do not fit', async () => {
    const model = knowing();
    const given = (changes: Partial<LabelledData>) =>
      failure(() => lockAdvParams(model, { ...data, ...changes }, here));
    const labels = (wrong: unknown) => ({
      labels: {
        shape: [60],
        data: Array.from(data.labels.data, (l, i) => (i === 3 ? wrong : l)) as number[],
      },
    });
    expect((await given(labels(4))).message).equal(
      'label 3 is 4, but the model tells 4 classes apart: 0 to 3',
    );
    for (const wrong of [-1, 0.5, Number.NaN, 99n])
      expect(await given(labels(wrong))).include({ code: 'ARGUMENT' });
    expect((await given({ labels: { shape: [59], data: new Array(59).fill(0) } })).message).include(
      '60 images, but labels of the shape [59]',
    );
    expect(await given({ images: { shape: [60, 5], data: new Float32Array(300) } })).include({
      code: 'INPUT_SHAPE',
    });
    expect(await given({ images: { shape: [60, 4], data: [1] } })).include({ code: 'SHAPE' });
    expect(await given({ images: { shape: [0, 4], data: [] }, labels: { shape: [0], data: [] } })).include({
      code: 'ARGUMENT',
    });
    // Axes of size 1 are as good as none.
    await lockAdvParams(
      model,
      { images: { ...data.images, shape: [60, 1, 2, 2] }, labels: { ...data.labels, shape: [60, 1] } },
      { ...here, maxParams: 8 },
    );
    expect(await failure(() => lockAdvParams(new Uint8Array(9), data, here))).include({
      code: 'MODEL_FORMAT',
    });
    expect(await failure(() => lockAdvParams(model.subarray(0, 99), data, here))).include({
      code: 'MODEL_FORMAT',
    });
    const quantised = knowing({ classes: 1 });
    expect(await failure(() => lockAdvParams(quantised, data, here))).include({ code: 'ARGUMENT' });
  });

  it('end at once where they are cancelled', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const stopped = await failure(() =>
      lockAdvParams(knowing(), data, {
        ...here,
        maxParams: 8,
        signal: controller.signal,
        onProgress: ({ round }) => round === 1 && controller.abort(reason),
      }),
    );
    expect(stopped).equal(reason);
    expect(await failure(() => lockAdvParams(knowing(), data, { ...here, signal: controller.signal }))).equal(
      reason,
    );
  });
});

describe('keys of locks by AdvParams', () => {
  const model = knowing();
  let lock: AdvParamsLock;
  before(async () => {
    lock = await lockAdvParams(model, data, { ...here, maxParams: 8 });
  });

  it('do not unlock what is not locked, another model, or what was changed since', async () => {
    const { locked, key } = lock;
    expect(await failure(() => unlockAdvParams(model, key))).include({ code: 'LOCK_KEY_MODEL' });
    const other = knowing({ weight: (_, i) => Math.sin(i) });
    expect(await failure(() => unlockAdvParams(other, key))).include({ code: 'LOCK_KEY_MODEL' });
    const larger = knowing({ hidden: 5 });
    expect(await failure(() => unlockAdvParams(larger, key))).include({ code: 'LOCK_KEY_MODEL' });
    for (const weight of readWeights(locked)) {
      const bytes = Uint8Array.from(weight.bytes);
      bytes[1] ^= 1;
      const changed = writeWeights(locked, new Map([[weight.name, bytes]]));
      const error = await failure(() => unlockAdvParams(changed, key));
      expect(error, weight.name).include({ code: 'LOCK_DAMAGED' });
      expect(error.message).include('nothing was written');
    }
    expect(await failure(() => unlockAdvParams(locked.subarray(0, locked.length - 9), key))).include({
      code: 'MODEL_FORMAT',
    });
  });

  it('are refused where one bit of them is wrong', async () => {
    const { locked, key } = lock;
    const [first, ...others] = key.body.layers;
    const [change, ...changes] = first.changes;
    for (const wrong of [
      { ...change, original: change.original ^ 1n },
      { ...change, locked: change.locked ^ 1n },
      { ...change, index: (change.index + 1) % 4 },
    ]) {
      const body = { layers: [{ ...first, changes: [wrong, ...changes] }, ...others] };
      expect(await failure(() => unlockAdvParams(locked, { ...key, body }))).include({
        code: 'LOCK_DAMAGED',
      });
    }
    const renamed = { layers: [{ ...first, name: 'other' }, ...others] };
    expect(await failure(() => unlockAdvParams(locked, { ...key, body: renamed }))).include({
      code: 'LOCK_KEY_MODEL',
    });
    expect(await failure(() => unlockAdvParams(locked, { ...key, kind: 'deep-lock' }))).include({
      code: 'LOCK_KEY_MODEL',
    });
  });

  it('withstand attacks as far as reported', async () => {
    const steps: string[] = [];
    const found = await attackLock(model, lock, data, {
      ...here,
      attacks: ['fine-tune', 'prune', 'wrong-key'],
      onProgress: (attack) => steps.push(attack),
    });
    expect(new Set(steps)).deep.equal(new Set(['fine-tune', 'prune', 'wrong-key']));
    expect(found.space.positionBits).greaterThan(10);
    expect(found.fineTune?.examples).equal(6);
    expect(found.fineTune?.curves).length(3);
    expect(found.prune?.[0]).deep.include({
      share: 0,
      locked: lock.report.locked.accuracy,
      clean: lock.report.clean.accuracy,
    });
    expect(found.wrongKey?.oneBit[1]).greaterThan(lock.report.locked.accuracy);
    expect(await attackLock(model, lock, data, { ...here, attacks: [] })).have.all.keys('space');
  });
});
