/** Trained models as files: what onnxruntime computes from them is what the parties compute. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as nn from '@tacit/nn';
import type { CrypTensor } from '@tacit/tensor';
import { fixtureArray, fixtureBytes } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import * as ort from 'onnxruntime-web';
import { fromOnnx } from '../src/from-onnx.js';
import { runInProcess } from '../src/in-process.js';
import type { LaunchedParty } from '../src/launched-party.js';

const folder = mkdtempSync(join(tmpdir(), 'tacit-export-'));
after(() => rmSync(folder, { recursive: true, force: true }));

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'fatal';

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const numbers = (count: number, seed = 1) =>
  Float64Array.from(
    { length: count },
    (_, i) => Math.round(Math.sin((i + 1) * (seed + 1) * 12.9898) * 1024) / 1024,
  );

async function runtime(
  path: string,
  shape: number[],
  data: Float64Array,
  type: 'float32' | 'int64' = 'float32',
) {
  const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(path)), {
    logSeverityLevel: 4,
  });
  const values = type === 'int64' ? BigInt64Array.from(data, (v) => BigInt(v)) : Float32Array.from(data);
  const results = await session.run({
    [session.inputNames[0]]: new ort.Tensor(type, values as Float32Array, shape),
  });
  await session.release();
  return results[session.outputNames[0]];
}

function close(made: ArrayLike<number>, right: ArrayLike<number>): void {
  expect(made.length).equal(right.length);
  for (let i = 0; i < right.length; i++) expect(made[i], `element ${i}`).closeTo(right[i], 0.01);
}

interface Case {
  readonly make: () => nn.Module;
  readonly shape: number[];
  readonly inputShape?: readonly (number | string)[];
  readonly values?: readonly number[];
  readonly type?: 'int64';
  /** Another batch, which the file takes, too. */
  readonly batches?: boolean;
  /** Whether the file cannot be read back. */
  readonly oneWay?: boolean;
}

/** Weights, and statistics that are none of the initial ones. */
function filled(module: nn.Module): nn.Module {
  [...module.namedParameters(), ...module.namedBuffers()].forEach(([name, p], i) => {
    const values = numbers(size(p.shape), i + 3).map((v) => v / 2);
    p.data = /Var/.test(name) ? values.map((v) => Math.abs(v) + 0.5) : values;
  });
  return module;
}

const image = [2, 3, 4, 6];
const CASES: Record<string, Case> = {
  'a network of fully connected layers': {
    make: () => new nn.Sequential(new nn.Linear(4, 5), new nn.ReLU(), new nn.Linear(5, 3), new nn.Softmax()),
    shape: [2, 4],
    batches: true,
  },
  'a layer of sequences': {
    make: () => new nn.Sequential(new nn.Linear(4, 2, { bias: false }), new nn.Tanh(), new nn.LayerNorm(2)),
    shape: [1, 3, 4],
    inputShape: ['batch', 'time', 4],
  },
  'convolutions of images': {
    make: () =>
      new nn.Sequential(
        new nn.Conv2d(3, 4, [3, 2], { stride: [1, 2], padding: [1, 0, 1, 1], bias: false }),
        new nn.BatchNorm2d(4),
        new nn.LeakyReLU(0.1),
        new nn.Dropout2d(),
        new nn.MaxPool2d(2, { ceilMode: true }),
        new nn.ConvTranspose2d(4, 2, 3, { stride: 2, outputPadding: 1, groups: 2 }),
        new nn.AvgPool2d(2, { padding: 1, countIncludePad: true }),
        new nn.Flatten(),
        new nn.Dropout(),
        new nn.LogSoftmax(),
      ),
    shape: image,
    batches: true,
  },
  'convolutions of sequences': {
    make: () =>
      new nn.Sequential(
        new nn.Conv1d(2, 4, 3, { padding: 'same', dilation: 2 }),
        new nn.BatchNorm1d(4, { affine: false }),
        new nn.SiLU(),
        new nn.MaxPool1d(2, { dilation: 2, stride: 1 }),
        new nn.ConvTranspose1d(4, 2, 2, { padding: [0, 1] }),
        new nn.AvgPool1d(2),
        new nn.GELU({ approximate: 'tanh' }),
      ),
    shape: [1, 2, 9],
    inputShape: ['batch', 2, 9],
  },
  'functions of elements': {
    make: () =>
      new nn.Sequential(
        new nn.ReLU6(),
        new nn.ELU(0.5),
        new nn.SELU(),
        new nn.GELU(),
        new nn.Hardtanh(-0.5, 0.75),
        new nn.Softplus(2),
        new nn.Softplus(),
        new nn.Sigmoid(),
      ),
    shape: [5],
    inputShape: [5],
  },
  'group normalisation and padding': {
    make: () =>
      new nn.Sequential(
        new nn.ConstantPad2d([1, 0, 0, 2], 0.5),
        new nn.GroupNorm(3, 3),
        new nn.Flatten(2, 3),
      ),
    shape: image,
    inputShape: ['batch', 3, 4, 6],
    batches: true,
  },
  'pools of as many windows as are wanted': {
    make: () =>
      new nn.Sequential(
        new nn.AdaptiveMaxPool2d([4, 3]),
        new nn.AdaptiveAvgPool2d([3, 2]),
        new nn.AdaptiveAvgPool2d([3, 1]),
        new nn.Sequential(new nn.AdaptiveMaxPool2d(1)),
      ),
    shape: image,
    inputShape: ['batch', 3, 4, 6],
    batches: true,
  },
  'attention over an embedding': {
    make: () =>
      new nn.Sequential(
        new nn.Embedding(6, 4),
        new nn.MultiheadAttention(4, 2, { batchFirst: true }),
        new nn.LayerNorm([4]),
      ),
    shape: [2, 3],
    values: [5, 0, 1, 1, 4, 2],
    type: 'int64',
    inputShape: ['batch', 3],
  },
  'attention, time first': {
    make: () => new nn.MultiheadAttention(4, 1, { bias: false }),
    shape: [3, 1, 4],
    inputShape: ['time', 'batch', 4],
  },
};

const told = async (x: CrypTensor) =>
  (await x.revealFloat64()) as { shape: readonly number[]; data: Float64Array };

describe('models as files for onnxruntime', () => {
  for (const [name, one] of Object.entries(CASES))
    it(`${name}, and back`, async () => {
      const path = join(folder, `${name}.onnx`);
      const { shape, inputShape } = one;
      const data = Float64Array.from(one.values ?? numbers(size(shape)));
      const read = (party: LaunchedParty, trainable: boolean) =>
        fromOnnx(party, path, { src: 1, inputShape: shape, trainable });
      const [own] = await runInProcess({ worldSize: 2 }, async (party) => {
        const model = filled(one.make())
          .encrypt(party, { src: 0, mode: one.batches ? 'owned' : 'shared' })
          .eval();
        await party.exportOnnx(model, path, { to: 1, inputShape });
        const x = party.cryptensor(data, { src: 0, shape });
        const results = [await told(model.forward(x))];
        for (const trainable of [false, true]) {
          const back = (await read(party, trainable)).encrypt(party, { src: 1 }).eval();
          results.push(await told(back.forward(x)));
          if (!trainable) continue;
          // Once more, from the graph.
          await party.exportOnnx(back, `${path}2`, { to: 0 });
          expect([...back.namedParameters()].filter(([, p]) => p.requiresGrad).map(([key]) => key)).members(
            [...model.namedParameters()].map(([key]) => key),
          );
        }
        return results;
      });
      for (const file of [path, `${path}2`]) {
        const right = await runtime(file, shape, data, one.type);
        for (const y of own) {
          expect(y.shape).deep.equal([...right.dims]);
          close(y.data, right.data as Float32Array);
        }
      }
      if (one.batches) {
        const three = [3, ...shape.slice(1)];
        const more = await runtime(path, three, numbers(size(three)));
        expect(more.dims[0]).equal(3);
      }
    });

  it('a network with batch normalisation after some steps of training', async () => {
    const path = join(folder, 'trained.onnx');
    const shape = [8, 1, 4, 4];
    const x = numbers(128);
    const y = Array.from({ length: 8 }, (_, i) => i % 3);
    const results = await runInProcess({ worldSize: 3 }, async (party) => {
      const model = new nn.Sequential(
        new nn.Conv2d(1, 2, 3, { padding: 1 }),
        new nn.BatchNorm2d(2),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Flatten(),
        new nn.Linear(8, 3),
      ).encrypt(party, { src: 'nobody' });
      const sgd = new nn.optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
      const criterion = new nn.CrossEntropyLoss();
      for (let step = 0; step < 4; step++) {
        sgd.zeroGrad();
        criterion.forward(model.forward(party.cryptensor(x, { src: 1, shape })), y).backward();
        sgd.step();
      }
      const here = party.rank === 2 ? path : join(folder, 'no', 'where');
      await party.exportOnnx(model, here, { to: 2 });
      return told(model.eval().forward(party.cryptensor(x, { src: 1, shape })));
    });
    const right = await runtime(path, shape, x);
    for (const made of results) close(made.data, right.data as Float32Array);
  });

  for (const trainable of [false, true])
    it(`a model file ${trainable ? 'that is trained' : 'with merged layers'}, for batches of any size`, async () => {
      const path = join(folder, `file-${trainable}.onnx`);
      const { shape, data } = fixtureArray('mnist_cnn_bn/input.npy');
      await runInProcess({ worldSize: 2 }, async (party) => {
        const model = await fromOnnx(party, fixtureBytes('mnist_cnn_bn/model.onnx'), {
          src: 0,
          inputShape: shape,
          trainable,
        });
        model.encrypt(party, { src: 0 });
        await party.exportOnnx(model, path, { to: 1, inputShape: ['batch', 1, 28, 28] });
      });
      const right = fixtureArray('mnist_cnn_bn/output.npy');
      const all = await runtime(path, [...shape], Float64Array.from(data));
      close(all.data as Float32Array, right.data);
      const one = await runtime(path, [1, 1, 28, 28], Float64Array.from(data.subarray(0, 784)));
      close(one.data as Float32Array, right.data.subarray(0, 10));
    });

  it('are refused by name, all that cannot be written, before anything is revealed', async () => {
    class Own extends nn.Module {
      override forward(x: CrypTensor) {
        return x;
      }
    }
    const [outcomes] = await runInProcess({ worldSize: 2 }, async (party) => {
      const model = new nn.Sequential(
        new nn.Linear(2, 2),
        new nn.Lambda((x) => x),
        new nn.GroupNorm(1, 2),
        new nn.Sequential(new nn.ReLU(), new Own(), new nn.BatchNorm1d(2, { trackRunningStats: false })),
      ).encrypt(party, { src: 0 });
      const attempt = (path: string, options: object, of: nn.Module = model) =>
        party.exportOnnx(of, path, options as { to: number }).then(
          () => 'done',
          ({ code, message }) => `${code} ${message}`,
        );
      const path = join(folder, 'refused.onnx');
      const linear = new nn.Linear(1, 1).encrypt(party, { src: 0 });
      return [
        await attempt(path, { to: 0 }),
        await attempt(path, { to: 2 }, linear),
        await attempt(path, {}, linear),
        await attempt('', { to: 0 }, linear),
        await attempt(path, { to: 0, src: 0 }, linear),
        await attempt(path, { to: 0, inputShape: [0] }, linear),
        await attempt(path, { to: 0, inputShapes: { x: [1] } }, linear),
        await attempt(path, { to: 0, inputShape: ['batch', 3] }, linear),
        await attempt(path, { to: 0 }, new nn.Linear(1, 1)),
        await attempt(path, { to: 0 }, new nn.GroupNorm(1, 1).encrypt(party, { src: 0 })),
        await attempt(path, { to: 0 }, new nn.ModuleList([linear])),
        await attempt(join(folder, 'no', 'where.onnx'), { to: 1 }, linear),
      ];
    });
    expect(existsSync(join(folder, 'refused.onnx'))).equal(false);
    const [issues, ...others] = outcomes;
    expect(issues.split('\n').slice(1)).deep.equal([
      '  "1" (Lambda): it does not say how, by toOnnx',
      '  "3.1" (Own): it does not say how, by toOnnx',
      '  "3.2" (BatchNorm1d): it normalises by the statistics of each batch',
    ]);
    expect(others.map((text) => text.split(' ')[0])).deep.equal([
      ...new Array(6).fill('ARGUMENT'),
      'SHAPE',
      'MODEL_NOT_ENCRYPTED',
      'MODEL_NOT_EXPORTABLE',
      'MODEL_NOT_EXPORTABLE',
      'PEER_FILE',
    ]);
    expect(others[8]).match(/the number of axes of its input is not known: give inputShape/);
  });

  it('a module that says how, and one that is there twice', async () => {
    class Residual extends nn.Module {
      constructor(readonly inner: nn.Module) {
        super();
      }
      override forward(x: CrypTensor) {
        return x.add(this.inner.forward(x));
      }
      override toOnnx(draft: nn.OnnxDraft, x: nn.OnnxValue) {
        const [y] = draft.within('inner', this.inner, [x]);
        return [draft.add('Add', [x, y])];
      }
    }
    const path = join(folder, 'own.onnx');
    const [y] = await runInProcess({ worldSize: 2 }, async (party) => {
      const linear = new nn.Linear(2, 2);
      const whole = new nn.Sequential(new Residual(linear), linear).encrypt(party, { src: 0 });
      const last = new Residual(new nn.Lambda((x) => x));
      await party.exportOnnx(whole, path, { to: 0, inputShape: ['n', 2] });
      const refused = await party.exportOnnx(last, path, { to: 0 }).catch((error) => error.message);
      expect(refused).match(/"inner" \(Lambda\): it does not say how/);
      return told(whole.forward(party.cryptensor([[1, -2]], { src: 0 })));
    });
    close(y.data, (await runtime(path, [1, 2], Float64Array.of(1, -2))).data as Float32Array);
  });

  it('an empty model, and one whose output is its input', async () => {
    const paths = ['empty', 'dropout'].map((name) => join(folder, `${name}.onnx`));
    await runInProcess({ worldSize: 2 }, async (party) => {
      const options = { to: 0, inputShape: ['n', 2] };
      await party.exportOnnx(new nn.Sequential(), paths[0], options);
      await party.exportOnnx(new nn.Sequential(new nn.Dropout(0)), paths[1], options);
    });
    for (const path of paths)
      expect([...(await runtime(path, [1, 2], Float64Array.of(1, 2))).data]).deep.equal([1, 2]);
  });
});
