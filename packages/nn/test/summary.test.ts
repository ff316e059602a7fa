/** Models as tables: the rows add up to what costOf says of the same graph, and the model stays as it was. */
import { readFileSync } from 'node:fs';
import { ArgumentError, ShapeError } from '@tacit/errors';
import { buildGraph, parseOnnx, specialize } from '@tacit/onnx';
import type { CrypTensor } from '@tacit/tensor';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { Conv2d, costOf, Flatten, Graph, Linear, Module, ReLU, Sequential } from '../src/index.js';

const mlp = () => new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10));
const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('model.summary', () => {
  it('has a row a layer, shapes, parameters and sums', () => {
    const summary = mlp().summary([32, 784]);
    expect(
      summary.layers.map(({ name, type, outputShape, trained }) => [name, type, outputShape, trained]),
    ).deep.equal([
      ['0', 'Linear', [32, 128], 784 * 128 + 128],
      ['1', 'ReLU', [32, 128], 0],
      ['2', 'Linear', [32, 10], 1290],
      ['output', 'revealed', [32, 10], 0],
    ]);
    expect(summary).include({ parameters: 101_770, trained: 101_770, fixed: 0, parties: 2, mode: 'shared' });
    expect(total(summary.layers.map(({ rounds }) => rounds))).equal(summary.rounds);
    expect(total(summary.layers.map(({ bytes }) => bytes))).equal(summary.bytes);
    const text = String(summary);
    for (const part of [/Layer +Output shape +Parameters +Rounds/, /0 \(Linear\) +\[32, 128\] +100,480 +1/])
      expect(text).match(part);
    expect(text).include(`${summary.rounds} rounds`);
  });

  it('says what costOf says of a graph', async () => {
    const file = readFileSync(new URL('../../../fixtures/mlp_50_20_2/model.onnx', import.meta.url));
    const graph = specialize(buildGraph(parseOnnx(file)), { input: [4, 50] });
    for (const parties of [2, 3])
      for (const mode of ['owned', 'shared'] as const) {
        const { operations, setup, ...cost } = await costOf(graph, { parties, mode });
        const { rounds, bytes, dealerBytes, setupBytes } = new Graph(graph).summary([4, 50], {
          parties,
          mode,
        });
        expect({ rounds, bytes, dealerBytes, setupBytes }, `${setup.length + operations.length}`).deep.equal(
          cost,
        );
      }
  });

  it('leaves the model as it is: not encrypted, encrypted, in training', async () => {
    const model = new Sequential(new Linear(2, 2, { bias: false }), new ReLU());
    const fixed = Float64Array.of(1, 2, 3, 4);
    (model.layers[0] as Linear).weight.data = fixed;
    model.layers[1].eval();
    model.summary([1, 2]);
    expect(model.training).equal(true);
    expect(model.layers[1].training).equal(false);
    expect(model.forward).equal(Sequential.prototype.forward);
    expect([...model.parameters()][0].encrypted).equal(false);
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const own = new Sequential(new Linear(2, 2, { bias: false }), new ReLU());
      (own.layers[0] as Linear).weight.data = fixed;
      own.encrypt(party, { src: 0 });
      const before = String(own.summary([3, 2]));
      const x = party.cryptensor([[1, -1]], { src: 1 });
      const y = own.forward(x);
      y.sum().backward();
      expect(String(own.summary([3, 2]))).equal(before);
      expect([...own.parameters()][0].grad?.shape).deep.equal([2, 2]);
      return [...((await y.revealFloat64())?.data ?? [])];
    });
    expect(results).deep.equal([
      [0, 0],
      [0, 0],
    ]);
  });

  it('names modules within modules, those that are called twice, and those that are not called', () => {
    class Block extends Module {
      readonly inner = new Sequential(new Linear(4, 4), new ReLU());
      readonly spare = new Linear(4, 1);
      readonly forgotten = new Linear(4, 3);
      override forward(x: CrypTensor): CrypTensor {
        return this.spare.forward(this.inner.forward(this.inner.forward(x)).add(x));
      }
    }
    const { layers, parameters } = new Block().summary([2, 4]);
    expect(layers.map(({ name, trained, outputShape }) => [name, trained, outputShape])).deep.equal([
      ['inner.0', 20, [2, 4]],
      ['inner.1', 0, [2, 4]],
      ['inner.0', 0, [2, 4]],
      ['inner.1', 0, [2, 4]],
      ['spare', 5, [2, 1]],
      ['output', 0, [2, 1]],
      ['forgotten', 15, undefined],
    ]);
    expect(parameters).equal(40);
  });

  it('counts weights once that several layers share', () => {
    const [first, second] = [new Linear(3, 3), new Linear(3, 3)];
    Object.assign(second, { weight: first.weight });
    const { parameters, layers } = new Sequential(first, second).summary([1, 3]);
    expect(parameters).equal(9 + 3 + 3);
    expect(layers.map(({ trained }) => trained)).deep.equal([12, 3, 0]);
  });

  it('takes one axis, empty batches, several inputs, three parties and other settings', () => {
    expect(new ReLU().summary([0, 3]).layers[0].bytes).equal(0);
    expect(new ReLU().summary([5]).parameters).equal(0);
    const image = new Sequential(new Conv2d(1, 2, 3), new Flatten(), new Linear(2 * 36, 3));
    expect(image.summary([2, 1, 8, 8]).layers[0].outputShape).deep.equal([2, 2, 6, 6]);
    class Sum extends Module {
      override forward(x: CrypTensor, y: CrypTensor): CrypTensor {
        return x.mul(y);
      }
    }
    const sum = new Sum().summary([
      [2, 2],
      [1, 2],
    ]);
    expect(sum.inputShapes).deep.equal([
      [2, 2],
      [1, 2],
    ]);
    const exact = mlp().summary([1, 784], { config: { truncation: 'exact' }, parties: 3 });
    expect(exact.bytes).above(mlp().summary([1, 784], { parties: 3 }).bytes);
  });

  it('refuses what does not fit', () => {
    expect(() => mlp().summary([1, 10])).throw(ShapeError);
    expect(() => mlp().summary([1, -1])).throw(ShapeError);
    expect(() => mlp().summary('784' as never)).throw(ShapeError);
    expect(() => mlp().summary([1, 784], { partys: 3 } as never)).throw(ArgumentError, /partys/);
    expect(() => mlp().summary([1, 784], { parties: 1 })).throw(ArgumentError);
    expect(() => mlp().summary([1, 784], { mode: 'public' as never })).throw(ArgumentError);
    // Even then the model is as it was.
    const model = mlp();
    expect(() => model.summary([1, 10])).throw(ShapeError);
    expect(model.summary([1, 784]).rounds).above(0);
  });
});
