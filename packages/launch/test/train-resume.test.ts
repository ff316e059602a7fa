/** Trainings that go on: from a checkpoint, along a schedule, with the weights of a file. */
import { readFileSync } from 'node:fs';
import { readNumbers } from '@tacit/files';
import { defaultConfig } from '@tacit/mpc';
import { expect } from 'chai';
import { encodeModel } from '../../onnx/test/helpers/onnx-encoder.js';
import { checkTraining } from '../src/train/check.js';
import { COLUMNS, failure, trainingFolder } from './helpers/trainings.js';

const { at, write, parse, trained } = trainingFolder();

describe('a training', function () {
  this.timeout(30_000);

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
});
