/** The last layers of a public network, trained in private. */
import type { ModelGraph } from '@tacit/graph';
import { evaluatePlain, specialize } from '@tacit/graph';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { CrossEntropyLoss, Linear, MSELoss, optim, Sequential, TrainableGraph } from '../src/index.js';

const graph: ModelGraph = {
  inputs: [{ name: 'x', shape: ['batch', 3] }],
  outputs: [{ name: 'y' }],
  nodes: [
    { name: 'one', op: 'Linear', inputs: ['x', 'w1', 'b1'], outputs: ['h'], attributes: {} },
    { name: 'scale', op: 'Mul', inputs: ['h', 'c'], outputs: ['g'], attributes: {} },
    { name: 'act', op: 'Relu', inputs: ['g'], outputs: ['a'], attributes: {} },
    { name: 'two', op: 'Linear', inputs: ['a', 'w2'], outputs: ['y'], attributes: {} },
  ],
  parameters: new Map([
    ['w1', { shape: [3, 2], data: Float64Array.of(0.5, -1, 0.25, 1, -0.5, 0.75) }],
    ['b1', { shape: [2], data: Float64Array.of(0.125, 0.25) }],
    ['c', { shape: [], data: Float64Array.of(2) }],
    ['w2', { shape: [2, 1], data: Float64Array.of(1, -0.5) }],
  ]),
};
/** What parties without the file know. */
const withoutValues = {
  ...graph,
  parameters: new Map([...graph.parameters].map(([name, { shape }]) => [name, { shape }])),
};
const x = [
  [1, 2, -1],
  [0.5, -1, 2],
  [-1, 0, 1],
  [2, 2, 2],
  [0, 0, 0],
];

describe('TrainableGraph', () => {
  for (const parties of [2, 3])
    it(`computes what the graph is, for batches of any size, between ${parties} parties`, async () => {
      const { results } = await simulate({ parties }, async (party) => {
        const head = new TrainableGraph(party.rank === 1 ? graph : withoutValues).encrypt(party, { src: 1 });
        const found: number[][] = [];
        for (const rows of [5, 1, 2, 5]) {
          const batch = party.cryptensor(x.slice(0, rows), { src: 0 });
          found.push([...((await head.forward(batch).revealFloat64())?.data ?? [])]);
        }
        return found;
      });
      for (const found of results)
        found.forEach((values, i) => {
          const rows = [5, 1, 2, 5][i];
          const input = { shape: [rows, 3], data: x.slice(0, rows).flat() };
          const { y } = evaluatePlain(specialize(graph, { x: [rows, 3] }), { x: input });
          values.forEach((value, k) => void expect(value).closeTo(y.data[k], 1e-3));
        });
    });

  it('trains weights and biases under their names, and leaves constants', async () => {
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const head = new TrainableGraph(graph).encrypt(party, { src: 0 });
      const names = [...head.namedParameters()].map(([name]) => name);
      const sgd = new optim.SGD(head.parameters(), { lr: 0.05 });
      const inputs = party.cryptensor(x, { src: 0 });
      const targets = party.cryptensor([[1], [0], [0.5], [2], [0.25]], { src: 1 });
      const losses: number[] = [];
      for (let step = 0; step < 6; step++) {
        sgd.zeroGrad();
        const loss = new MSELoss().forward(head.forward(inputs), targets);
        loss.backward();
        sgd.step();
        losses.push((await loss.item()) ?? Number.NaN);
      }
      const after = await head.decrypt({ to: 0 });
      return { names, losses, constant: after?.c.data, weight: after?.w2.data, rank: party.rank };
    });
    const [{ names, losses, constant, weight }, other] = results;
    expect(names).deep.equal(['w1', 'b1', 'w2']);
    expect(losses[5]).below(losses[0] / 2);
    expect([...(constant ?? [])]).deep.equal([2]);
    expect([...(weight ?? [])]).not.deep.equal([1, -0.5]);
    expect(other.weight).equal(undefined);
  });

  it('moves weights by the gradients of the plain network', async () => {
    const single: ModelGraph = {
      inputs: graph.inputs,
      outputs: [{ name: 'y' }],
      nodes: [{ name: 'one', op: 'Linear', inputs: ['x', 'w', 'b'], outputs: ['y'], attributes: {} }],
      parameters: new Map([
        ['w', { shape: [3, 1], data: Float64Array.of(0.5, -0.25, 1) }],
        ['b', { shape: [1], data: Float64Array.of(0.5) }],
      ]),
    };
    const y = [1, 2, 3, 4, 5];
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const head = new TrainableGraph(single).encrypt(party, { src: 0 });
      const loss = new MSELoss().forward(
        head.forward(party.cryptensor(x, { src: 0 })),
        party.cryptensor(
          y.map((v) => [v]),
          { src: 1 },
        ),
      );
      loss.backward();
      head.updateParameters(0.1);
      return head.decrypt();
    });
    const off = x.map((row, i) => row[0] * 0.5 + row[1] * -0.25 + row[2] + 0.5 - y[i]);
    const slope = (k: number) => off.reduce((sum, o, i) => sum + 2 * o * (k < 3 ? x[i][k] : 1), 0) / 5;
    const wanted = [0.5, -0.25, 1, 0.5].map((v, k) => v - 0.1 * slope(k));
    const found = [...(results[0]?.w.data ?? []), ...(results[0]?.b.data ?? [])];
    found.forEach((value, k) => void expect(value).closeTo(wanted[k], 1e-3));
  });

  it('is a layer among others', async () => {
    await simulate({ parties: 2 }, async (party) => {
      const model = new Sequential(new TrainableGraph(graph), new Linear(1, 2)).encrypt(party, { src: 0 });
      const loss = new CrossEntropyLoss().forward(
        model.forward(party.cryptensor(x, { src: 0 })),
        [0, 1, 0, 1, 1],
      );
      loss.backward();
      expect([...model.parameters()].every(({ grad }) => grad !== undefined)).equal(true);
    });
  });

  it('refuses graphs of several inputs, and inputs of another shape', async () => {
    expect(() => new TrainableGraph({ ...graph, outputs: [] })).throw('one input and one output');
    await simulate({ parties: 2 }, async (party) => {
      const head = new TrainableGraph(graph);
      expect(() => head.forward(party.zeros([2, 3]))).throw('encrypt');
      head.encrypt(party, { src: 0 });
      expect(() => head.forward(party.zeros([2, 4]))).throw('x');
      for (const src of ['nobody', party.rank] as const)
        expect(() => new TrainableGraph(withoutValues).encrypt(party, { src })).throw('has no values here');
      expect(() => new TrainableGraph(graph).encrypt(party, { src: 'nobody' })).throw('belong to a party');
    });
  });
});
