/** What modules do beside their formulas: running statistics, dropout, containers, refusals. */
import type { CrypTensor } from '@tacit/tensor';
import { expect } from 'chai';
import { runParties } from '../../../tensor/test/helpers/parties.js';
import * as nn from '../../src/index.js';
import { near, spread } from '../helpers/modules.js';

const code = async (f: () => unknown): Promise<unknown> => {
  try {
    await f();
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
};

describe('batch normalisation', () => {
  for (const parties of [2, 3])
    it(`follows the statistics of batches, and uses them afterwards, ${parties} parties`, async () => {
      const batches = [0, 1, 2].map((seed) => spread(12, seed, 3));
      const mean = [0, 0];
      const variance = [1, 1];
      for (const batch of batches)
        for (const c of [0, 1]) {
          const values = Array.from(batch).filter((_, i) => i % 2 === c);
          const m = values.reduce((a, b) => a + b, 0) / 6;
          const v = values.reduce((sum, x) => sum + (x - m) ** 2, 0) / 5;
          mean[c] = 0.9 * mean[c] + 0.1 * m;
          variance[c] = 0.9 * variance[c] + 0.1 * v;
        }
      const results = await runParties(parties, async (party) => {
        const model = new nn.Sequential(new nn.BatchNorm1d(2)).encrypt(party, { src: parties - 1 });
        for (const batch of batches)
          model.forward(party.cryptensor(batch, { src: 0, shape: [6, 2] })).dispose();
        const state = await model.decrypt();
        const x = party.cryptensor([[1, 2]], { src: 0 });
        const y = await model.eval().forward(x).revealFloat64();
        // Again, with what is kept of the variance, and after another value of it.
        const again = await model.forward(x).revealFloat64();
        model.loadState({ ...model.stateDict(), '0.runningVar': [4, 16] });
        const other = await model.forward(x).revealFloat64();
        model.dispose();
        return { state, y, again, other };
      });
      for (const { state, y, again, other } of results) {
        expect(Object.keys(state ?? {})).deep.equal(['0.weight', '0.bias', '0.runningMean', '0.runningVar']);
        near(state?.['0.runningMean'].data ?? [], mean, 2 ** -12, 'mean');
        near(state?.['0.runningVar'].data ?? [], variance, 2 ** -12, 'variance');
        const right = [1, 2].map((v, c) => (v - mean[c]) / Math.sqrt(variance[c] + 1e-5));
        near(y?.data ?? [], right, 2 ** -9, 'output');
        near(again?.data ?? [], y?.data ?? [], 2 ** -12, 'output again');
        near(
          other?.data ?? [],
          [1, 2].map((v, c) => (v - mean[c]) / [2, 4][c]),
          2 ** -9,
          'another variance',
        );
      }
    });

  it('of one number a channel, of other channels or of an owned model is refused in training', async () => {
    const [codes] = await runParties(2, async (party) => {
      const shared = new nn.BatchNorm1d(2).encrypt(party, { src: 0 });
      const owned = new nn.BatchNorm1d(2).encrypt(party, { src: 0, mode: 'owned' });
      const x = party.cryptensor([[1, 2]], { src: 0 });
      const two = party.cryptensor([[1], [2]], { src: 0 });
      const image = party.cryptensor([[[[1]], [[2]]]], { src: 0 });
      return Promise.all(
        [
          () => shared.forward(x),
          () => shared.forward(two),
          () => shared.forward(image),
          () =>
            owned.forward(
              party.cryptensor(
                [
                  [1, 2],
                  [3, 4],
                ],
                { src: 0 },
              ),
            ),
          () => owned.eval().forward(x),
          () => new nn.BatchNorm1d(2).forward(x),
          () => new nn.BatchNorm1d(2).eval().forward(x),
        ].map(code),
      );
    });
    expect(codes).deep.equal(['SHAPE', 'SHAPE', 'SHAPE', 'ARGUMENT', 'done', 'SHAPE', 'MODEL_NOT_ENCRYPTED']);
  });
});

describe('dropout', () => {
  it('drops elements or whole channels in training, and nothing afterwards', async () => {
    const results = await runParties(2, async (party) => {
      const x = party.ones([4, 16, 2, 2]);
      const [some, channels] = [new nn.Dropout(0.25), new nn.Dropout2d(0.5)];
      const tell = async (y: CrypTensor) => Array.from((await y.revealFloat64())?.data ?? []);
      return {
        some: await tell(some.forward(x)),
        channels: await tell(channels.forward(x)),
        one: await tell(new nn.Dropout2d({ p: 0.5 }).forward(x.narrow(0, 0, 1).squeeze(0))),
        all: await tell(new nn.Dropout(1).forward(x)),
        none: await tell(some.eval().forward(x)),
        neither: await tell(channels.eval().forward(x)),
      };
    });
    const [{ some, channels, one, all, none, neither }] = results;
    expect(results[1]).deep.equal(results[0]);
    for (const v of some) expect(v).satisfy((y: number) => y === 0 || Math.abs(y - 4 / 3) < 1e-4);
    // 256 elements, of which 64 are expected to go: six standard deviations are 42.
    expect(some.filter((v) => v === 0).length).within(20, 110);
    for (const values of [channels, one])
      for (let i = 0; i < values.length; i += 4)
        expect(values.slice(i, i + 4)).deep.equal(new Array(4).fill(values[i]));
    const dropped = channels.filter((v) => v === 0).length / 4;
    expect(dropped).within(8, 56);
    expect(all).deep.equal(new Array(256).fill(0));
    expect(none).deep.equal(new Array(256).fill(1));
    expect(neither).deep.equal(none);
  });
});

describe('containers', () => {
  it('name what they hold, and compute nothing', async () => {
    const list = new nn.ModuleList([new nn.Linear(1, 2)]).append(new nn.ReLU()).append(new nn.Linear(2, 1));
    const dict = new nn.ModuleDict({ body: list, head: new nn.Linear(1, 1, { bias: false }) });
    expect([...dict.namedParameters()].map(([name]) => name)).deep.equal([
      'body.0.weight',
      'body.0.bias',
      'body.2.weight',
      'body.2.bias',
      'head.weight',
    ]);
    expect([list.length, [...list].length, list.at(-1) === list.at(2)]).deep.equal([3, 3, true]);
    expect([dict.size, [...dict.keys()], dict.has('tail')]).deep.equal([2, ['body', 'head'], false]);
    expect(dict.eval().get('body').training).equal(false);
    const codes = await Promise.all(
      [
        () => list.at(3),
        () => list.at(0.5),
        () => dict.get('tail'),
        () => dict.set('a.b', list),
        () => new nn.ModuleList([3 as never]),
        () => list.forward(),
        () => dict.forward(),
      ].map(code),
    );
    expect(codes).deep.equal(new Array(7).fill('ARGUMENT'));
  });

  it('are used in a module of their own, with several outputs', async () => {
    class Two extends nn.Module {
      readonly heads = new nn.ModuleList([new nn.Linear(2, 1), new nn.Linear(2, 3)]);
      override forward(...x: readonly CrypTensor[]) {
        return this.heads.at(0).forward(...x);
      }
      override forwardAll(...x: readonly CrypTensor[]) {
        return [...this.heads].map((head) => head.forward(...x));
      }
    }
    const [shapes] = await runParties(2, async (party) => {
      const x = party.cryptensor([[1, 2]], { src: 0 });
      const two = new Two().encrypt(party, { src: 'nobody' });
      const attention = new nn.MultiheadAttention(2, 1).encrypt(party, { src: 1 });
      const [y, weights] = attention.forwardAll(x);
      await weights.revealFloat64();
      return [...two.forwardAll(x), ...new nn.ReLU().forwardAll(x), y, weights].map(({ shape }) => shape);
    });
    expect(shapes).deep.equal([
      [1, 1],
      [1, 3],
      [1, 2],
      [1, 2],
      [1, 1],
    ]);
  });
});

describe('constructors', () => {
  const refused: Record<string, () => unknown> = {
    'a size of 0': () => new nn.Linear(0, 1),
    'a size that is text': () => new nn.Linear('3' as never, 1),
    'NaN as a kernel': () => new nn.Conv2d(1, 1, Number.NaN),
    'a misspelt option': () => new nn.Linear(1, 1, { biass: true } as never),
    'PyTorch words': () => new nn.MaxPool2d(2, { kernel: 2 } as never),
    'a number as options': () => new nn.Conv1d(1, 1, 3, 2 as never),
    'three strides': () => new nn.Conv2d(1, 1, 3, { stride: [1, 1, 1] as never }),
    'groups that do not divide': () => new nn.Conv1d(3, 4, 1, { groups: 2 }),
    'outputs that groups do not divide': () => new nn.Conv1d(4, 3, 1, { groups: 2 }),
    'same with strides': () => new nn.Conv2d(1, 1, 3, { stride: 2, padding: 'same' }),
    'another padding': () => new nn.Conv2d(1, 1, 3, { padding: 'full' as never }),
    'output padding like the stride': () => new nn.ConvTranspose2d(1, 1, 3, { stride: 2, outputPadding: 2 }),
    'padding of more than half a window': () => new nn.AvgPool2d(2, { padding: 2 }),
    'a probability of 2': () => new nn.Dropout(2),
    'NaN as a probability': () => new nn.Dropout2d(Number.NaN),
    'momentum of another kind': () => new nn.BatchNorm1d(2, { momentum: Infinity }),
    'affine as a number': () => new nn.BatchNorm2d(2, { affine: 1 as never }),
    'a negative eps': () => new nn.LayerNorm(2, { eps: -1 }),
    'no axes': () => new nn.LayerNorm([]),
    'groups of channels': () => new nn.GroupNorm(3, 4),
    'heads that do not divide': () => new nn.MultiheadAttention(4, 3),
    'an option of attention': () => new nn.MultiheadAttention(4, 2, { kdim: 3 } as never),
    'a bias that is no truth': () => new nn.MultiheadAttention(4, 2, { bias: 0 as never }),
    'bounds in the wrong order': () => new nn.Hardtanh(1, -1),
    'a slope that is no number': () => new nn.LeakyReLU(Number.NaN),
    'an option of a slope': () => new nn.LeakyReLU({ slope: 1 } as never),
    'half an axis': () => new nn.Softmax(0.5),
    dim: () => new nn.LogSoftmax({ dim: 1 } as never),
    'another approximation': () => new nn.GELU({ approximate: 'exact' as never }),
    'beta 0': () => new nn.Softplus(0),
    'oneHot as text': () => new nn.Embedding(2, 2, { oneHot: 'no' as never }),
    'a size of pools': () => new nn.AdaptiveAvgPool2d([1, 0]),
    'pads of the wrong number': () => new nn.ConstantPad2d([1, 2, 3] as never),
    'an infinite value': () => new nn.ConstantPad1d(1, Infinity),
    'half an axis to flatten': () => new nn.Flatten(0.5),
  };
  for (const [name, make] of Object.entries(refused))
    it(`refuse ${name}`, async () => expect(await code(make)).equal('ARGUMENT'));

  it('draw initial values as PyTorch does', () => {
    const attention = new nn.MultiheadAttention(8, 2);
    const bound = Math.sqrt(6 / 32);
    expect(Math.max(...attention.inProjWeight.values())).within(bound / 2, bound);
    for (const bias of [attention.outProj.bias, attention.inProjBias])
      expect(bias?.values().every((v) => v === 0)).equal(true);
    const table = new nn.Embedding(50, 20).weight.values();
    const square = table.reduce((sum, v) => sum + v * v, 0) / table.length;
    expect(square).within(0.7, 1.3);
    const transposed = new nn.ConvTranspose2d(16, 2, 4).weight.values();
    expect(Math.max(...transposed)).within(0.12, 1 / Math.sqrt(32));
  });
});

describe('inputs', () => {
  it('of other shapes are refused', async () => {
    const [codes] = await runParties(2, async (party) => {
      const x = party.ones([2, 3]);
      const cases: nn.Module[] = [
        new nn.Linear(2, 1),
        new nn.Conv1d(3, 1, 1),
        new nn.ConvTranspose2d(3, 1, 1),
        new nn.LayerNorm(2),
        new nn.LayerNorm([1, 2, 3]),
        new nn.GroupNorm(1, 2),
        new nn.Dropout2d(),
        new nn.Softmax(2),
        new nn.MaxPool2d(2),
        new nn.AdaptiveAvgPool2d(1),
        new nn.ConstantPad2d(1),
        new nn.MultiheadAttention(2, 1),
        new nn.Embedding(4, 2, { oneHot: true }),
        new nn.Flatten(2),
      ];
      return Promise.all(cases.map((module) => code(() => module.encrypt(party, { src: 0 }).forward(x))));
    });
    expect(codes).deep.equal(new Array(14).fill('SHAPE'));
  });

  it('of no element or one pass', async () => {
    const [shapes] = await runParties(2, async (party) => {
      const run = async (module: nn.Module, shape: number[]) => {
        const y = module.encrypt(party, { src: 0 }).forward(party.zeros(shape));
        return (await y.revealFloat64())?.shape;
      };
      return [
        await run(new nn.Linear(2, 3), [0, 2]),
        await run(new nn.LayerNorm(2), [0, 2]),
        await run(new nn.GroupNorm(1, 2), [0, 2, 1]),
        await run(new nn.BatchNorm1d(2).eval(), [0, 2]),
        await run(new nn.Dropout(), [0]),
        await run(new nn.Flatten(), [0, 2, 3]),
        await run(new nn.Flatten(0), []),
        await run(new nn.LayerNorm(1), [1]),
        await run(new nn.MultiheadAttention(1, 1), [1, 1, 1]),
        await run(new nn.Embedding(2, 1, { oneHot: false }), [0]),
        await run(new nn.Sequential(), [1]),
      ];
    });
    expect(shapes).deep.equal([
      [0, 3],
      [0, 2],
      [0, 2, 1],
      [0, 2],
      [0],
      [0, 6],
      [1],
      [1],
      [1, 1, 1],
      [0, 1],
      [1],
    ]);
  });
});
