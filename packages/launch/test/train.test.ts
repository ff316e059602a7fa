/** Trainings end to end: what is learned, what is told, what is kept. */
import { readdirSync } from 'node:fs';
import { encodeNpy, encodeNpz, readNumbers } from '@tacit/files';
import { defaultConfig } from '@tacit/mpc';
import { expect } from 'chai';
import { encodeModel } from '../../onnx/test/helpers/onnx-encoder.js';
import { checkTraining } from '../src/train/check.js';
import type { TrainNotice } from '../src/train/messages.js';
import { publicOrder, splitRows } from '../src/train/order.js';
import { recordOf } from '../src/train/record.js';
import { parseRun } from '../src/train/run-file.js';
import { COLUMNS, label, numbers, ROWS, trainingFolder } from './helpers/trainings.js';

const { folder, at, write, parse, trained } = trainingFolder();

describe('a training', function () {
  this.timeout(30_000);

  it('learns from columns of two parties, and tells what it is to tell, to whom', async () => {
    const notices: TrainNotice[] = [];
    const [alice, bob] = await trained(
      `${COLUMNS}validation: 0.25\nsave: { to: bob, file: m.safetensors }\n`,
      {
        notices,
      },
    );
    expect(alice.layout).deep.equal({
      rows: 40,
      example: [2],
      target: [2],
      training: 30,
      validation: 10,
      batch: 8,
      steps: 4,
    });
    expect(alice.epochs).length(8);
    for (const [i, row] of alice.epochs.entries()) {
      expect(row.epoch).equal(i + 1);
      expect(row).include.keys('loss', 'validationLoss').not.include.keys('accuracy', 'validationAccuracy');
      expect(row.loss).equal(bob.epochs[i].loss);
      expect(bob.epochs[i].accuracy).within(0, 1);
    }
    expect(alice.epochs[7].loss).below(0.7 * (alice.epochs[0].loss ?? 0));
    expect(bob.epochs[7].accuracy).above(0.9);
    expect(bob.epochs[7].validationAccuracy).above(0.6);
    const weight = await readNumbers(at('m.safetensors'), '0.weight');
    expect(weight.shape).deep.equal([4, 2]);
    expect(weight.data.every((v) => Math.abs(v) < 10 && v !== 0)).equal(true);
    expect(notices.filter(({ phase }) => phase === 'epoch')).length(16);
    expect(notices.filter(({ phase }) => phase === 'step')).length(2 * 8 * 4);
  });

  it('learns from rows of three parties, standardised in private', async () => {
    const rows = (from: number, to: number) =>
      `x,y,z\n${numbers
        .slice(from, to)
        .map((row) => `${100 + 50 * row[0]},${-3 + row[1] / 10},${label(row)}\n`)
        .join('')}`;
    write('r0.csv', rows(0, 10));
    write('r1.csv', rows(10, 11));
    write('r2.csv', rows(11, 40));
    const source = (columns: string) =>
      `[${['alice', 'bob', 'carol'].map((owner, i) => `{ owner: ${owner}, file: r${i}.csv, columns: ${columns} }`).join(', ')}]`;
    const results = await trained(`parties: [alice, bob, carol]
data:
  split: rows
  features: ${source('[x, y]')}
  targets: ${source('[z]')}
  classes: 2
  standardize: private
model: [{ Linear: [2, 2] }]
loss: CrossEntropyLoss
optimizer: { SGD: { lr: 0.5 } }
epochs: 10
batchSize: 10
validation: 0.2
seed: 1
reveal: { loss: carol, accuracy: [alice, carol] }
save: [{ to: alice, file: rows.npz }, { shares: rows.shares }]
`);
    const [alice, bob, carol] = results;
    expect(alice.layout).include({ rows: 40, training: 32, validation: 8 });
    expect(carol.epochs[9].loss).below(0.5);
    expect(carol.epochs[9].accuracy).above(0.9);
    expect(alice.epochs[9]).not.include.keys('loss');
    expect(alice.epochs[9].accuracy).equal(carol.epochs[9].accuracy);
    expect(bob.epochs[9]).have.all.keys('epoch', 'ms', 'traffic');
    // What is standardised in private is part of the model.
    const { training } = splitRows(40, 0.2, 1);
    const mean = training.reduce((sum, row) => sum + 100 + 50 * numbers[row][0], 0) / 32;
    const found = await readNumbers(at('rows.npz'), 'input.mean');
    expect(found.shape).deep.equal([1, 2]);
    expect(found.data[0]).closeTo(mean, 0.01);
    expect((await readNumbers(at('rows.npz'), 'input.deviation')).data[0]).within(50, 100);
    expect(
      readdirSync(folder)
        .filter((name) => name.startsWith('rows.shares'))
        .sort(),
    ).deep.equal(['rows.shares.0', 'rows.shares.1', 'rows.shares.2']);
  });

  it('learns numbers, and tells nobody anything', async () => {
    const results = await trained(`parties: [alice, bob]
data:
  features: [{ owner: alice, file: a.csv }, { owner: bob, file: b.csv, columns: [0] }]
  targets: { owner: bob, file: b.csv, columns: score }
model: [{ Linear: [2, 1, { bias: false }] }]
loss: MSELoss
optimizer: { SGD: { lr: 0.1 } }
epochs: 6
batchSize: 64
initial: alice
save: { to: alice, file: regression.npz }
`);
    for (const { epochs } of results)
      for (const row of epochs) expect(row).have.all.keys('epoch', 'ms', 'traffic');
    const { data } = await readNumbers(at('regression.npz'), '0.weight');
    expect(data[0]).within(0.5, 1.2);
    expect(data[1]).within(-1.2, -0.5);
  });

  it('makes the steps that double precision makes', async () => {
    const start = [0.5, -0.25];
    write(
      'line.onnx',
      encodeModel({
        opset: 17,
        inputs: [{ name: 'x', shape: ['batch', 2] }],
        outputs: [{ name: 'y' }],
        initializers: { w: { shape: [2, 1], data: Float32Array.from(start) } },
        nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
      }),
    );
    const [{ epochs }] = await trained(`parties: [alice, bob]
data:
  features: [{ owner: alice, file: a.csv }, { owner: bob, file: b.csv, columns: [right] }]
  targets: { owner: bob, file: b.csv, columns: score }
model: { onnx: line.onnx, owner: bob }
loss: MSELoss
optimizer: { SGD: { lr: 0.05, momentum: 0.9 } }
epochs: 3
batchSize: 10
seed: 5
reveal: { loss: all }
save: { to: alice, file: line.npz }
`);
    let [w, v] = [start, [0, 0]];
    const losses = [1, 2, 3].map((epoch) => {
      const order = publicOrder(ROWS, 5, `epoch ${epoch}`);
      let sum = 0;
      for (let from = 0; from < ROWS; from += 10) {
        const batch = [...order.subarray(from, from + 10)].map((row) => numbers[row]);
        const errors = batch.map(([a, b]) => a * w[0] + b * w[1] - (a - b));
        sum += errors.reduce((all, e) => all + e * e, 0);
        const gradient = [0, 1].map((i) => batch.reduce((all, x, j) => all + (2 / 10) * errors[j] * x[i], 0));
        v = v.map((velocity, i) => 0.9 * velocity + gradient[i]);
        w = w.map((weight, i) => weight - 0.05 * v[i]);
      }
      return sum / ROWS;
    });
    epochs.forEach(({ loss }, i) => {
      expect(loss).closeTo(losses[i], 1e-3);
    });
    const { data } = await readNumbers(at('line.npz'), 'w');
    w.forEach((weight, i) => {
      expect(data[i]).closeTo(weight, 1e-3);
    });
  });

  it('takes images in .npy and .npz files, and labels beside them', async () => {
    const images = Float32Array.from({ length: 12 * 36 }, (_, i) => Math.sin(i));
    write('images.npy', encodeNpy([12, 1, 6, 6], images));
    write(
      'labels.npz',
      encodeNpz({ y: { shape: [12], data: Float64Array.from({ length: 12 }, (_, i) => i % 3) } }),
    );
    const [{ layout, epochs }] = await trained(`parties: [a, b]
data:
  features: { owner: a, file: images.npy }
  targets: { owner: b, file: labels.npz, key: y }
  classes: 3
model: [{ Conv2d: [1, 2, 3, { padding: 1 }] }, ReLU, Flatten, { Linear: [72, 3] }]
loss: CrossEntropyLoss
optimizer: { SGD: { lr: 0.1 } }
epochs: 2
batchSize: 5
reveal: { loss: all, accuracy: all }
`);
    expect(layout).deep.include({ example: [1, 6, 6], steps: 3, batch: 5 });
    expect(epochs[1].accuracy).within(0, 1);
  });

  it('standardises at the owner, by the rows of training alone', async () => {
    write('s.csv', `v,t\n${Array.from({ length: 10 }, (_, i) => `${1e6 + 1e4 * i},${i % 2}\n`).join('')}`);
    const [{ epochs }] = await trained(`parties: [a, b]
data:
  features: { owner: a, file: s.csv, columns: [v], scaling: scaling.csv }
  targets: { owner: a, file: s.csv, columns: [t] }
  classes: 2
  standardize: owner
model: [{ Linear: [1, 2] }]
loss: CrossEntropyLoss
optimizer: { SGD: { lr: 0.1 } }
epochs: 1
batchSize: 4
validation: 0.3
seed: 9
reveal: { loss: all }
`);
    expect(epochs[0].loss).within(0.3, 1.5);
    const { data } = await readNumbers(at('scaling.csv'));
    const rows = splitRows(10, 0.3, 9).training;
    expect(data[0]).closeTo(rows.reduce((sum, row) => sum + 1e6 + 1e4 * row, 0) / 7, 1);
  });

  it('leaves out a last batch of fewer rows where it is told to', async () => {
    const text = `${COLUMNS.replace('epochs: 8', 'epochs: 1').replace('batchSize: 8', 'batchSize: 32')}`;
    const [whole] = await trained(text);
    expect(whole.layout).include({ steps: 2, batch: 32 });
    const [dropped] = await trained(`${text}dropLast: true\n`);
    expect(dropped.layout).include({ steps: 1, batch: 32 });
    expect(dropped.epochs[0].loss).within(0.1, 3);
    const [single] = await trained(text.replace('batchSize: 32', 'batchSize: 1000'));
    expect(single.layout).include({ steps: 1, batch: 40 });
  });

  it('says by --check what a step takes', async () => {
    const { plan, layout } = await checkTraining(parse(COLUMNS), defaultConfig);
    expect(layout.steps).equal(5);
    expect(plan).deep.include({ parameters: 22, trained: 22, outputShape: [8, 2] });
    expect(plan.parts.map(({ name }) => name)).deep.equal([
      ...['0', '1', '2'],
      ...['loss', 'accuracy', 'backward pass', 'optimiser'],
    ]);
    expect(plan.parts.reduce((sum, { bytes }) => sum + bytes, 0)).equal(plan.bytes);
  });

  it('has a record that is read as it was written', async () => {
    const results = await trained(COLUMNS);
    const { config } = parse(COLUMNS);
    const context = {
      release: '0',
      configFile: 'c.yaml',
      config,
      protocol: defaultConfig,
      transport: 'threads',
      startedAt: 0,
      totalMs: 1,
    };
    const record = recordOf(results, context);
    expect(parseRun(JSON.stringify(record), 'run.json')).deep.equal(JSON.parse(JSON.stringify(record)));
    expect(record.epochs[0]).include.keys('loss', 'accuracy');
    const own = recordOf([results[0], undefined], { ...context, rank: 0 });
    expect(own).include({ party: 'alice' });
    expect(own.epochs[0]).not.include.keys('accuracy');
    expect(own.epochs[0].bytesSent[1]).equal(null);
  });
});
