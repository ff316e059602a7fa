/** Sessions on locked files: what onnxruntime computes from the model as it was, and nothing left behind. */
import { fixtureArray, fixtureBytes, MODELS } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import * as ort from 'onnxruntime-web';
import { type DeepLockOptions, deepLock, openLocked } from '../src/deep-lock/index.js';
import { modelOf } from './helpers/models.js';

const PROFILES: readonly DeepLockOptions[] = [
  { profile: 'sealed' },
  { profile: 'paper' },
  { profile: 'paper', quantised: true },
];
const float32 = ({ shape, data }: { shape: readonly number[]; data: Float64Array }) => ({
  type: 'float32',
  data: Float32Array.from(data),
  dims: shape,
});

async function refusal(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

describe('sessions on locked files', function () {
  this.timeout(60_000);

  it('compute what onnxruntime computes from the unlocked model', async () => {
    // Each kind of network once, and each profile on some of them; the folded and the older file are like another.
    const models = MODELS.filter((model) => !/folded|opset13/.test(model));
    for (const [index, model] of models.entries()) {
      const input = fixtureArray(`${model}/input.npy`);
      const options = PROFILES[index % PROFILES.length];
      const { file, key, original } = await deepLock(fixtureBytes(`${model}/model.onnx`), options);
      const runtime = await ort.InferenceSession.create(original);
      const [inputName, outputName] = [runtime.inputNames[0], runtime.outputNames[0]];
      const feed = float32(input);
      const expected = await runtime.run({ [inputName]: new ort.Tensor('float32', feed.data, feed.dims) });
      await runtime.release();
      const session = await openLocked(file, key, { everyRun: options.quantised });
      expect(session.inputNames).deep.equal([inputName]);
      expect(session.outputNames).deep.equal([outputName]);
      for (let run = 0; run < 2; run++) {
        const { [outputName]: output } = await session.run({ [inputName]: feed });
        expect(output.type).equal('float32');
        expect(output.dims).deep.equal([...expected[outputName].dims]);
        const wanted = expected[outputName].data as Float32Array;
        const scale = 1 + Math.max(...wanted.map(Math.abs));
        [...(output.data as Float32Array)].forEach((value, i) => {
          expect(Math.abs(value - wanted[i]) / scale, model).lessThan(1e-5);
        });
      }
      await session.release();
    }
  });

  it('open weights only when a run needs them, and wipe all of them', async () => {
    const { file, key } = await deepLock(fixtureBytes('mnist_lenet1_tanh/model.onnx'));
    const secret = key.body.secret.slice();
    const feed = float32(fixtureArray('mnist_lenet1_tanh/input.npy'));
    const wiped: number[] = [];
    const { fill } = Float64Array.prototype;
    /** Counts arrays that hold anything when they are filled with zeros. */
    const watching = async (act: () => Promise<unknown>): Promise<number> => {
      wiped.length = 0;
      Float64Array.prototype.fill = function (this: Float64Array, ...args: Parameters<typeof fill>) {
        if (args[0] === 0 && this.some((value) => value !== 0)) wiped.push(this.length);
        return fill.apply(this, args);
      } as typeof fill;
      try {
        await act();
      } finally {
        Float64Array.prototype.fill = fill;
      }
      return wiped.reduce((a, b) => a + b, 0);
    };
    const idle = await openLocked(file, key);
    expect(await watching(() => idle.release())).equal(0);
    const used = await openLocked(file, key);
    await used.run({ [used.inputNames[0]]: feed });
    expect(await watching(() => used.release())).equal(3246);
    expect(await watching(() => used.release())).equal(0);
    const careful = await openLocked(file, key, { everyRun: true });
    expect(await watching(() => careful.run({ [careful.inputNames[0]]: feed }))).equal(3246);
    expect(await watching(() => careful.release())).equal(0);
    // The key is the caller's, and stays.
    expect([...key.body.secret]).deep.equal([...secret]);
    expect(await refusal(() => used.run({ [used.inputNames[0]]: feed }))).match(/^LOCK_STATE .*released/);
  });

  it('are those of another runtime where one is given, and the file that it got is wiped', async () => {
    const { file, key, original } = await deepLock(fixtureBytes('linear_4_2/model.onnx'), {
      profile: 'paper',
    });
    let seen: Uint8Array | undefined;
    const session = await openLocked(file, key, {
      create: async (model) => {
        seen = model;
        expect(Buffer.compare(model, original)).equal(0);
        return ort.InferenceSession.create(model.slice());
      },
    });
    expect(session.inputNames.length).equal(1);
    expect(seen?.every((byte) => byte === 0)).equal(true);
    await session.release();
    let failed: Uint8Array | undefined;
    const create = async (model: Uint8Array): Promise<never> => {
      failed = model;
      throw new Error('no memory');
    };
    expect(await openLocked(file, key, { create }).catch((error: Error) => error.message)).equal('no memory');
    expect(failed?.every((byte) => byte === 0)).equal(true);
    expect(await refusal(() => openLocked(file, key, { create, everyRun: true }))).match(/^ARGUMENT /);
  });

  it('refuse wrong keys, wrong inputs, and operators that are not known', async () => {
    const { file, key } = await deepLock(fixtureBytes('linear_4_2/model.onnx'));
    const { key: other } = await deepLock(fixtureBytes('linear_4_2/model.onnx'));
    expect(await refusal(() => openLocked(file, other))).match(/^LOCK_KEY_MODEL /);
    expect(await refusal(() => openLocked(fixtureBytes('linear_4_2/model.onnx'), key))).match(/^LOCK_STATE /);
    const session = await openLocked(file, key);
    const [name] = session.inputNames;
    const data = new Float32Array(8);
    const cases: [RegExp, object][] = [
      [/^SHAPE .*do not fill/, { [name]: { type: 'float32', data, dims: [3, 4] } }],
      [/^INPUT_SHAPE /, { [name]: { type: 'float32', data, dims: [4, 2] } }],
      [/^INPUT_SHAPE /, {}],
      [/^INPUT_SHAPE /, { other: { type: 'float32', data, dims: [2, 4] } }],
      [/^ARGUMENT .*string/, { [name]: { type: 'string', data: Array(8).fill('a'), dims: [2, 4] } }],
    ];
    for (const [pattern, feeds] of cases)
      expect(await refusal(() => session.run(feeds as Parameters<typeof session.run>[0]))).match(pattern);
    await session.release();
  });

  it('open everything at once where a network cannot be built without its weights', async () => {
    // One Identity node with a scalar and an integer beside it: nothing waits for a run.
    const one = new Uint8Array(Float32Array.of(2).buffer);
    const file = modelOf([
      { name: 'scalar', dataType: 1, shape: [], bytes: one },
      { name: 'int8', dataType: 3, shape: [2], bytes: Uint8Array.of(1, 2) },
    ]);
    for (const options of PROFILES.slice(0, 2)) {
      const { file: locked, key } = await deepLock(file, options);
      const session = await openLocked(locked, key);
      const { y } = await session.run({ x: { type: 'float32', data: [5], dims: [1] } });
      expect([...(y.data as Float32Array)]).deep.equal([5]);
      await session.release();
    }
  });
});
