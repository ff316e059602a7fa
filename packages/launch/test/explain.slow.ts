/** What `explain` says beforehand, against what predictions count: rounds and bytes exactly, never times. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNpy } from '@tacit/files';
import { explain, predict } from '@tacit/launch';
import { sizeOf } from '@tacit/ring';
import { expect } from 'chai';
import { encodeModel } from '../../onnx/test/helpers/onnx-encoder.js';
import { fixture } from './helpers/run.js';

/** Nothing of this machine is measured. */
const SPEED = 2e9;

describe('explaining a model', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'tacit-explain-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);

  /** A file of small numbers. */
  const input = (name: string, shape: readonly number[]): string => {
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 37) % 64) / 64);
    writeFileSync(path(name), encodeNpy(shape, data));
    return path(name);
  };
  const twoInputs = (): string => {
    const dims = ['batch', 3];
    const bytes = encodeModel({
      opset: 17,
      inputs: [
        { name: 'a', shape: dims },
        { name: 'b', shape: dims },
      ],
      outputs: [
        { name: 'sum', shape: dims },
        { name: 'relu', shape: dims },
      ],
      nodes: [
        { op: 'Mul', inputs: ['a', 'b'], outputs: ['sum'] },
        { op: 'Relu', inputs: ['sum'], outputs: ['relu'] },
      ],
    });
    writeFileSync(path('two.onnx'), bytes);
    return path('two.onnx');
  };

  const cases: readonly [
    model: string,
    shape: readonly number[],
    parties: number,
    mode: 'owned' | 'shared',
  ][] = [
    ['mlp_50_20_2', [5, 50], 2, 'owned'],
    ['mlp_50_20_2', [32, 50], 3, 'shared'],
    ['linear_4_2', [1, 4], 3, 'owned'],
    ['mnist_cnn_bn', [2, 1, 28, 28], 2, 'shared'],
    ['mnist_cnn_bn', [1, 1, 28, 28], 3, 'owned'],
    ['mnist_lenet1_tanh', [1, 1, 28, 28], 2, 'owned'],
    // The file fixes 16 of them: it runs twice.
    ['mnist_lenet1_square', [32, 1, 28, 28], 2, 'owned'],
  ];
  for (const [model, shape, parties, mode] of cases)
    it(`says the rounds and bytes of ${model} for [${shape}], ${parties} parties, ${mode}`, async () => {
      const file = fixture(`${model}/model.onnx`);
      const owners = { modelOwner: parties - 1, dataOwner: 0 };
      const counted = await predict(file, input('x.npy', shape), path('y.npy'), {
        ...owners,
        mode,
        launch: { worldSize: parties },
      });
      const said = await explain(file, { ...owners, mode, parties, batch: shape[0], speed: SPEED });
      expect({
        rounds: said.rounds,
        sent: said.bytesSent,
        dealt: said.dealerBytes,
        tape: said.tapeBytes,
        setup: said.setup.bytesSent,
        outputShape: said.outputs[0].shape,
      }).deep.equal({
        rounds: counted.rounds,
        sent: counted.payloadSent,
        dealt: counted.dealerPayload.at(-1),
        tape: counted.dealerPayload.at(-1),
        setup: counted.setup.payloadSent,
        outputShape: counted.outputShape,
      });
      expect(counted.dealerPayload.slice(0, -1)).deep.equal(new Array(parties - 1).fill(0));
      // The rows are the whole.
      const total = (of: (row: (typeof said.operations)[number]) => number) =>
        said.operations.reduce((sum, row) => sum + of(row), 0);
      expect(total(({ rounds }) => rounds)).equal(said.rounds);
      expect(total(({ dealerBytes }) => dealerBytes)).equal(said.dealerBytes);
      for (const rank of said.bytesSent.keys())
        expect(total(({ bytesSent }) => bytesSent[rank])).equal(said.bytesSent[rank]);
      expect(total(({ ms }) => ms)).closeTo(said.time.ms, 1e-6);
    });

  it('knows several inputs and outputs of several parties', async () => {
    const model = twoInputs();
    const inputs = {
      a: { file: input('a.npy', [4, 3]), owner: 0 },
      b: { file: input('b.npy', [4, 3]), owner: 2 },
    };
    const counted = await predict(model, undefined, undefined, {
      inputs,
      outputs: { relu: { file: path('r.npy'), owner: 1 }, sum: { file: path('s.npy'), owner: 2 } },
      launch: { worldSize: 3 },
    });
    const said = await explain(model, {
      parties: 3,
      inputs: { a: { shape: [4, 3], owner: 0 }, b: { shape: [4, 3], owner: 2 } },
      outputs: { relu: 1, sum: 2 },
      speed: SPEED,
    });
    expect([said.rounds, said.bytesSent, said.dealerBytes]).deep.equal([
      counted.rounds,
      counted.payloadSent,
      counted.dealerPayload[2],
    ]);
    expect(said.inputs.map(({ owner }) => owner)).deep.equal([0, 2]);
  });

  it('says the same twice, and longer times for longer ways and narrower lines', async () => {
    const file = fixture('mlp_50_20_2/model.onnx');
    const over = (roundTripMs: number, bytesPerSecond?: number) =>
      explain(file, { batch: 8, speed: SPEED, roundTripMs, bytesPerSecond });
    const near = await over(0);
    expect(await over(0)).deep.equal(near);
    const far = await over(40);
    // Every round waits for half a round trip.
    expect(far.time.ms).least(near.time.ms + 20 * near.rounds);
    expect(far.time.waitingMs).equal(20 * near.rounds);
    expect(near.time.waitingMs).equal(0);
    const narrow = await over(40, 1e4);
    expect(narrow.time.ms).least((near.dealerBytes / 1e4) * 1000);
    expect(narrow.time.busiestLine).include({ from: 2, to: 1 });
    expect(near.time.busiestLine).equal(undefined);
    const one = await explain(file, { batch: 8, speed: SPEED, sharedCores: 1 });
    expect(one.time.ms).above(near.time.ms);
    const slow = await explain(file, { batch: 8, speed: SPEED / 10 });
    expect(slow.time.ms).above(5 * near.time.ms);
  });

  it('measures this machine where no speed is stated', async () => {
    const { computation } = await explain(fixture('linear_4_2/model.onnx'));
    expect(computation.source).equal('measured');
    for (const rate of Object.values(computation.rates)) expect(rate).above(0);
  });

  it('refuses what does not fit, and says what would', async () => {
    const refused = async (
      options: Parameters<typeof explain>[1],
      message: RegExp,
      file = 'mlp_50_20_2/model.onnx',
    ) => {
      const error = await explain(fixture(file), { speed: SPEED, ...options }).then(
        () => undefined,
        (reason: Error & { code?: string }) => reason,
      );
      expect(error?.message).match(message);
      expect(error?.code).equal('LAUNCH_OPTIONS');
    };
    await refused({ parties: 1 }, /2 to 64 parties, not 1/);
    await refused({ dataOwner: 2 }, /the data must be a rank from 0 to 1, not 2/);
    await refused({ inputs: { y: { shape: [1, 50] } } }, /no input 'y'; it has/);
    await refused({ inputs: { '': { shape: [1, 49] } } }, /which \[1, 49\] does not fit/);
    await refused({ inputs: { '': { shape: [50] } } }, /which \[50\] does not fit/);
    await refused({ batch: 17 }, /does not fit/, 'mnist_lenet1_square/model.onnx');
    await refused({ outputs: { z: 0 } }, /no output 'z'/);
    writeFileSync(path('garbage.onnx'), 'no model');
    const garbage = await explain(path('garbage.onnx')).catch((reason) => reason);
    expect(garbage.code).equal('MODEL_FORMAT');
  });
});
