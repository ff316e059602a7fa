/** Trainings end to end: what is learned, what is told, what is kept, and what is refused because of the files. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNpy, encodeNpz, readNumbers } from '@tacit/files';
import { defaultConfig } from '@tacit/mpc';
import { expect } from 'chai';
import { encodeModel } from '../../onnx/test/helpers/onnx-encoder.js';
import { runInProcess } from '../src/in-process.js';
import { checkTraining } from '../src/train/check.js';
import { parseTrainConfig } from '../src/train/config.js';
import type { TrainNotice, TrainResult } from '../src/train/messages.js';
import { publicOrder, splitRows } from '../src/train/order.js';
import { recordOf } from '../src/train/record.js';
import { parseRun } from '../src/train/run-file.js';
import { trainParty } from '../src/train/train-party.js';

const folder = mkdtempSync(join(tmpdir(), 'tacit-train-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const write = (name: string, contents: string | Uint8Array): void => writeFileSync(at(name), contents);

/** Paths of files in the texts of configs. */
const placed = (text: string): string =>
  text.replaceAll(/\b(file|shares|onnx|scaling): ([^\s,}]+)/g, (_, key, name) => `${key}: ${at(name)}`);

const parse = (text: string) => parseTrainConfig(placed(text), 'c.yaml');

async function trained(
  text: string,
  { resume = false, notices = [] as TrainNotice[] } = {},
): Promise<TrainResult[]> {
  const checked = parse(text);
  const worldSize = checked.config.parties.length;
  return runInProcess(
    {
      worldSize,
      onEvent: (event) => {
        if (event.type === 'notice') notices.push(event.data as TrainNotice);
      },
    },
    (party) => trainParty(party, { ...checked, resume }),
  );
}

async function failure(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => new Error('accepted'),
    (thrown: Error) => thrown,
  );
  const { code } = error as { code?: string };
  const own = (code === 'PARTY_FAILED' ? error.cause : error) as Error & { code?: string };
  return `[${own.code}] ${own.message}`;
}

/** Points of two classes: whether the sum of both columns is positive. */
const ROWS = 40;
const numbers = Array.from({ length: ROWS }, (_, i) => [
  Math.sin(3.7 * i) * 2,
  Math.cos(1.3 * i * i + 1) * 2,
]);
const label = ([a, b]: readonly number[]): number => (a + b > 0 ? 1 : 0);
write('a.csv', `left\n${numbers.map(([a]) => `${a}\n`).join('')}`);
write(
  'b.csv',
  `right,kind,score\n${numbers.map((row) => `${row[1]},${['no', 'yes'][label(row)]},${row[0] - row[1]}\n`).join('')}`,
);

const COLUMNS = `parties: [alice, bob]
data:
  features:
    - { owner: alice, file: a.csv }
    - { owner: bob, file: b.csv, columns: [right] }
  targets: { owner: bob, file: b.csv, columns: [kind] }
  classes: ['no', 'yes']
model:
  - Linear: [2, 4]
  - ReLU
  - Linear: [4, 2]
loss: CrossEntropyLoss
optimizer: { SGD: { lr: 0.5, momentum: 0.5 } }
epochs: 8
batchSize: 8
seed: 3
reveal: { loss: all, accuracy: bob }
`;

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

  it('goes on from a checkpoint as if it had not stopped, with momentum', async () => {
    const text = (epochs: number, file: string) =>
      `${COLUMNS.replace('epochs: 8', `epochs: ${epochs}`).replace('initial: nobody', '')}initial: alice
checkpoint: { file: ${file} }
`;
    // The same initial weights: training goes on from one checkpoint, in one piece and in two.
    await trained(text(1, 'start'));
    for (const rank of [0, 1]) {
      const start = readFileSync(at(`start.${rank}`));
      for (const copy of ['whole', 'parts']) write(`${copy}.${rank}`, start);
    }
    const [whole] = await trained(text(4, 'whole'), { resume: true });
    const [first] = await trained(text(2, 'parts'), { resume: true });
    const [second] = await trained(text(4, 'parts'), { resume: true });
    expect(whole.epochs.map(({ epoch }) => epoch)).deep.equal([2, 3, 4]);
    expect(first.epochs.map(({ epoch }) => epoch)).deep.equal([2]);
    expect(second.epochs.map(({ epoch }) => epoch)).deep.equal([3, 4]);
    expect([first.resumedAfter, second.resumedAfter]).deep.equal([1, 2]);
    const losses = [...first.epochs, ...second.epochs].map(({ loss }) => loss);
    whole.epochs.forEach(({ loss }, i) => {
      expect(losses[i]).closeTo(loss ?? Number.NaN, 1e-3);
    });
    // Nothing is left to do.
    const [again] = await trained(text(4, 'parts'), { resume: true });
    expect(again.epochs).deep.equal([]);
    // Another network, another set of parties' files, and no checkpoint at all.
    const other = text(4, 'parts').replaceAll('4, 2', '4, 2').replace('lr: 0.5', 'lr: 0.25');
    expect(await failure(trained(other, { resume: true }))).match(/SHARES_MISMATCH.*of another config/);
    expect(await failure(trained(text(4, 'absent'), { resume: true }))).match(/FILE_NOT_FOUND|PEER_FILE/);
    write('parts.1', readFileSync(at('whole.1')));
    expect(await failure(trained(text(4, 'parts'), { resume: true }))).match(/SHARES_MISMATCH/);
  });

  it('goes on with the learning rate of a schedule', async () => {
    const text = (epochs: number, file: string) =>
      `${COLUMNS.replace('epochs: 8', `epochs: ${epochs}`)}initial: alice
schedule: { StepLR: [1, 0.1] }
checkpoint: { file: ${file} }
`;
    await trained(text(1, 'slow'));
    for (const rank of [0, 1]) write(`slower.${rank}`, readFileSync(at(`slow.${rank}`)));
    const [whole] = await trained(text(4, 'slow'), { resume: true });
    await trained(text(2, 'slower'), { resume: true });
    const [rest] = await trained(text(4, 'slower'), { resume: true });
    expect(rest.epochs.map(({ loss }) => loss?.toFixed(2))).deep.equal(
      whole.epochs.slice(1).map(({ loss }) => loss?.toFixed(2)),
    );
  });

  it('goes on with the weights of an ONNX file, all or some', async () => {
    const tensor = (shape: number[], at: (i: number) => number) => ({
      shape,
      data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => at(i)),
    });
    write(
      'm.onnx',
      encodeModel({
        opset: 17,
        inputs: [{ name: 'x', shape: ['batch', 2] }],
        outputs: [{ name: 'y' }],
        initializers: {
          w: tensor([2, 4], (i) => Math.sin(i + 1)),
          v: tensor([4, 2], (i) => Math.cos(i)),
        },
        nodes: [
          { op: 'MatMul', inputs: ['x', 'w'], outputs: ['h'] },
          { op: 'Relu', inputs: ['h'], outputs: ['r'] },
          { op: 'MatMul', inputs: ['r', 'v'], outputs: ['y'] },
        ],
      }),
    );
    const text = COLUMNS.replace(
      /model:[\s\S]*?(?=loss:)/,
      'model: { onnx: m.onnx, owner: alice, trainable: TRAINED }\n',
    );
    const config = (which: string) =>
      `${text.replace('TRAINED', which)}validation: 0.25\nsave: { to: bob, file: onnx.npz }\n`;
    const [, bob] = await trained(config('true'));
    expect(bob.layout).include({ batch: 8, steps: 3, validation: 10 });
    expect(bob.epochs[7].loss).below(0.5 * (bob.epochs[0].loss ?? 0));
    expect(bob.epochs[7].validationAccuracy).within(0, 1);
    const before = Array.from({ length: 8 }, (_, i) => Math.sin(i + 1));
    const w = async () => [...(await readNumbers(at('onnx.npz'), 'w')).data];
    const moved = async () => Math.max(...(await w()).map((v, i) => Math.abs(v - before[i])));
    expect(await moved()).above(0.01);
    await trained(config('[v]'));
    expect(await moved()).below(1e-4);
    expect(await failure(trained(config('[u]')))).match(/TRAIN_CONFIG.*no weights 'u'; it has/);
    expect(await failure(checkTraining(parse(config('[]')), defaultConfig))).match(
      /no weights that can be trained/,
    );
    await checkTraining(parse(config('true')), defaultConfig);
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

  const refusals: readonly [string, (text: string) => string, RegExp][] = [
    [
      'a column that is not there',
      (c) => c.replace('[right]', '[rigth]'),
      /c\.yaml:5:\d+: .*b\.csv has no column 'rigth'; it has right, kind, score/,
    ],
    ['a column beyond the last', (c) => c.replace('[right]', '[7]'), /no column 7: it has 3, from 0/],
    [
      'a text among numbers',
      (c) => c.replace('[right]', '[kind]'),
      /ARRAY_FILE.*b\.csv: line 2, column 'kind': '(no|yes)' is not a number/,
    ],
    [
      'a label that is not listed',
      (c) => c.replace("['no', 'yes']", "['no', 'maybe']"),
      /b\.csv: line \d+, column 'kind': 'yes' is no label; labels are no, maybe/,
    ],
    [
      'more than one column of labels',
      (c) => c.replace('[kind]', '[kind, score, right]'),
      /classes are one column of labels/,
    ],
    [
      'a layer that does not fit its input',
      (c) => c.replace('[2, 4]', '[3, 4]'),
      /c\.yaml:9:\d+: layer 0 \(Linear\)/,
    ],
    [
      'layers that do not fit each other',
      (c) => c.replace('[4, 2]', '[5, 2]'),
      /c\.yaml:11:\d+: layer 2 \(Linear\) on an input \[8, 4\]/,
    ],
    [
      'an output that does not fit the targets',
      (c) => c.replace('[4, 2]', '[4, 3]'),
      /c\.yaml:12:\d+: the loss of an output \[8, 3\] and targets \[8, 2\]/,
    ],
    ['a layer without a size', (c) => c.replace('[2, 4]', '[2]'), /c\.yaml:9:\d+: Linear: .*outputs/],
    [
      'a misspelt option of a layer',
      (c) => c.replace('[2, 4]', '[2, 4, { bais: false }]'),
      /c\.yaml:9:\d+: .*(no option 'bais')/,
    ],
    [
      'an argument too many',
      (c) => c.replace('- ReLU', '- ReLU: 3'),
      /c\.yaml:10:11: ReLU takes no arguments, not 1/,
    ],
    [
      'a number for options',
      (c) => c.replace('[2, 4]', '[2, 4, 7]'),
      /c\.yaml:9:20: Linear takes options here, such as \{ name: value \}, not 7/,
    ],
    [
      'a misspelt option of the optimiser',
      (c) => c.replace('momentum', 'momentun'),
      /c\.yaml:13:\d+: SGD has no option 'momentun'/,
    ],
    [
      'an impossible option',
      (c) => c.replace('lr: 0.5', 'lr: -1'),
      /c\.yaml:13:\d+: SGD: the learning rate is -1/,
    ],
    [
      'a loss of many numbers',
      (c) => c.replace('CrossEntropyLoss', "{ CrossEntropyLoss: { reduction: 'none' } }"),
      /its reduction is 'mean' or 'sum'/,
    ],
    ['too few rows for validation', (c) => `${c}validation: 0.01\n`, /0\.01 of 40 rows is not one/],
    ['a file that is not there', (c) => c.replace('a.csv', 'none.csv'), /FILE_NOT_FOUND/],
    [
      'rows that do not match',
      (c) => c.replace('a.csv', 'short.csv'),
      /b\.csv of bob has 40 rows and .*short\.csv of alice 2/,
    ],
    [
      'a missing value',
      (c) => c.replace('a.csv', 'hole.csv'),
      /hole\.csv: line 3, column 'left': a value is missing/,
    ],
    [
      'values out of range',
      (c) => c.replace('a.csv', 'large.csv'),
      /large\.csv: row 1 of the data.*below 2\^20/,
    ],
    ['an empty table', (c) => c.replace('a.csv', 'empty.csv'), /the table has no rows/],
    ['something else', (c) => c.replace('a.csv', 'broken.npz'), /ARRAY_FILE.*broken\.npz/],
    [
      'a shape of other size',
      (c) => c.replace('  classes', '  shape: [1, 3]\n  classes'),
      /an example has 2 numbers, and the shape \[1, 3\] 3/,
    ],
    [
      'nothing to train',
      (c) => c.replace(/model:[\s\S]*?(?=loss:)/, 'model: [ReLU]\n'),
      /no weights that can be trained/,
    ],
  ];
  before(() => {
    write('short.csv', 'left\n1\n2\n');
    write('hole.csv', 'left,right\n1,2\n,3\n');
    write('large.csv', 'left\n1\n3e6\n');
    write('empty.csv', 'left\n');
    write('broken.npz', 'PK no zip');
  });
  for (const [name, change, message] of refusals)
    it(`is refused with ${name}, before it starts and by --check`, async () => {
      expect(change(COLUMNS)).not.equal(COLUMNS);
      expect(await failure(checkTraining(parse(change(COLUMNS)), defaultConfig))).match(message);
      expect(await failure(trained(change(COLUMNS)))).match(message);
    });

  it('is refused where a result would replace what is read, or another result', async () => {
    const check = (more: string) => failure(checkTraining(parse(COLUMNS + more), defaultConfig));
    expect(await check('save: { shares: a.csv }\n')).match(/a\.csv would be replaced, and it is read/);
    expect(await check('save: { shares: s }\ncheckpoint: { file: s }\n')).match(/would be written twice/);
    expect(await check('save: { to: bob, file: no/m.npz }\n')).match(/FILE_NOT_WRITABLE/);
  });

  it('is refused where parties have other configs', async () => {
    const [mine, theirs] = [COLUMNS, COLUMNS.replace('lr: 0.5', 'lr: 0.25')].map(parse);
    const run = runInProcess({ worldSize: 2 }, (party) =>
      trainParty(party, { ...(party.rank === 0 ? mine : theirs), resume: false }),
    );
    expect(await failure(run)).match(/TRAIN_CONFIG.*has another config/);
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

describe('the public order of batches', () => {
  it('is that of the seed, and another one in each epoch', () => {
    for (const count of [0, 1, 2, 100])
      expect([...publicOrder(count, 1, 'x')].sort((a, b) => a - b)).deep.equal(
        Array.from({ length: count }, (_, i) => i),
      );
    expect(publicOrder(50, 1, 'x')).deep.equal(publicOrder(50, 1, 'x'));
    expect(publicOrder(50, 1, 'x')).not.deep.equal(publicOrder(50, 2, 'x'));
    expect(publicOrder(50, 1, 'x')).not.deep.equal(publicOrder(50, 1, 'y'));
  });

  it('is uniform: every place of every number is as likely', () => {
    const counts = new Float64Array(16);
    const runs = 4000;
    for (let seed = 0; seed < runs; seed++)
      publicOrder(4, seed, 'test').forEach((value, place) => {
        counts[4 * place + value]++;
      });
    const chi = counts.reduce((sum, n) => sum + (n - runs / 4) ** 2 / (runs / 4), 0);
    // 9 degrees of freedom, and seeds that do not change.
    expect(chi).below(28);
  });

  it('parts rows into training and validation', () => {
    const { training, validation } = splitRows(10, 0.35, 5);
    expect([training.length, validation.length]).deep.equal([7, 3]);
    expect([...training, ...validation].sort((a, b) => a - b)).deep.equal(
      Array.from({ length: 10 }, (_, i) => i),
    );
    expect(splitRows(3, 0, 1).validation).length(0);
  });
});
