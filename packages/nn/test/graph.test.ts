/** Model files as private networks, the kinds that were wrong once: against the plain evaluator, owned and shared weights. */
import { ArgumentError } from '@tacit/errors';
import { buildGraph, evaluatePlain, type ModelGraph, parseOnnx, specialize } from '@tacit/onnx';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { encodeModel, type ModelSpec, type TensorSpec } from '../../onnx/test/helpers/onnx-encoder.js';
import { Graph, withWeightScales } from '../src/index.js';

const tensor = (shape: number[], at: (i: number) => number = (i) => ((i * 7) % 11) / 4 - 1): TensorSpec => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => at(i)),
});
const ints = (...values: number[]): TensorSpec => ({
  type: 7,
  shape: [values.length],
  data: values.map(BigInt),
});

interface Case {
  readonly name: string;
  readonly inputs: Record<string, number[]>;
  readonly outputs?: string[];
  readonly nodes: ModelSpec['nodes'];
  readonly constants?: Record<string, TensorSpec>;
  readonly values?: (i: number) => number;
  readonly tolerance?: number;
  readonly opset?: number;
}

const node = (op: string, inputs: string[], output = 'y', attributes?: object) =>
  ({ op, inputs, outputs: [output], ...(attributes && { attributes }) }) as ModelSpec['nodes'][number];
const features = [500_000, 1, 0.3, 900_000, -1, 0.1];
const statistics = {
  gamma: [1, 1, 1],
  beta: [0, 0.5, 1],
  mean: [450_000, 0.1, 0],
  variance: [6.25e10, 1, 0.25],
};
const vector = (values: number[]): TensorSpec => ({ shape: [values.length], data: values });

const cases: Case[] = [
  {
    name: 'a class token before the rows',
    inputs: { x: [1, 3, 4] },
    constants: { c: tensor([1, 1, 4]) },
    nodes: [node('Concat', ['c', 'x'], 'y', { axis: { i: 1 } })],
  },
  {
    name: 'padding rows after them',
    inputs: { x: [2, 3] },
    constants: { c: tensor([2, 3]) },
    nodes: [node('Concat', ['x', 'c'], 'y', { axis: { i: 0 } })],
  },
  {
    name: 'a constant of three axes on the left',
    inputs: { x: [2, 3, 2] },
    constants: { c: tensor([2, 4, 3]) },
    nodes: [node('MatMul', ['c', 'x'])],
  },
  {
    name: 'a constant of three axes on the right',
    inputs: { x: [2, 2, 3] },
    constants: { c: tensor([2, 3, 2]) },
    nodes: [node('MatMul', ['x', 'c'])],
  },
  {
    name: 'both batches repeated',
    inputs: { a: [2, 1, 2, 3], b: [1, 3, 3, 2] },
    nodes: [node('MatMul', ['a', 'b'])],
  },
  {
    name: 'outputs of constants only',
    inputs: { x: [2] },
    outputs: ['y', 'z'],
    constants: { a: tensor([3]), b: tensor([3]) },
    nodes: [node('Add', ['a', 'b'], 'z'), node('Relu', ['x'])],
  },
  {
    name: 'an output that is an input, and one twice',
    inputs: { x: [3] },
    outputs: ['y', 'z'],
    nodes: [node('Identity', ['x'], 'z'), node('Neg', ['x'])],
  },
  {
    name: 'one constant in two layers',
    inputs: { x: [2, 3] },
    constants: { w: tensor([3, 3]) },
    nodes: [node('MatMul', ['x', 'w'], 'h'), node('MatMul', ['h', 'w'])],
  },
  {
    name: 'a choice between a secret and a constant',
    inputs: { x: [4] },
    constants: { c: tensor([4]), zero: tensor([1], () => 0) },
    nodes: [node('Greater', ['x', 'zero'], 'p'), node('Where', ['p', 'x', 'c'])],
  },
  {
    name: 'casts to integers, and their division',
    inputs: { x: [3, 4] },
    values: (i) => (i - 6) * 4.7,
    outputs: ['n', 'p', 'q', 'f'],
    constants: { three: ints(3), two: tensor([1], () => 2) },
    nodes: [
      node('Cast', ['x'], 'n', { to: { i: 7 } }),
      node('Cast', ['x'], 'p', { to: { i: 9 } }),
      node('Div', ['n', 'three'], 'q'),
      node('Cast', ['n'], 'g', { to: { i: 1 } }),
      node('Div', ['g', 'two'], 'f'),
    ],
  },
  {
    name: 'a scaler of raw columns',
    inputs: { x: [2, 3] },
    values: (i) => features[i],
    constants: { mu: vector([450_000, 0, 0]), sd: vector([250_000, 1, 1]) },
    nodes: [node('Sub', ['x', 'mu'], 'a'), node('Div', ['a', 'sd'])],
    tolerance: 2e-3,
  },
  {
    name: 'weights of features of very different size',
    inputs: { x: [2, 3] },
    values: (i) => features[i],
    constants: { w: { shape: [3, 1], data: [2.1e-6, 0.5, -1] }, b: vector([-1]) },
    nodes: [node('Gemm', ['x', 'w', 'b'])],
    tolerance: 2e-3,
  },
  {
    name: 'batch normalisation of raw columns',
    inputs: { x: [2, 3] },
    values: (i) => features[i],
    constants: Object.fromEntries(Object.entries(statistics).map(([k, v]) => [k, vector(v)])),
    nodes: [node('BatchNormalization', ['x', 'gamma', 'beta', 'mean', 'variance'])],
    tolerance: 2e-3,
  },
  {
    name: 'times 1e-6',
    inputs: { x: [3] },
    values: (i) => [500_000, 900_000, 7][i],
    constants: { c: tensor([1], () => 1e-6) },
    nodes: [node('Mul', ['x', 'c'])],
    tolerance: 2e-4,
  },
  {
    name: 'whole weights of large sums',
    inputs: { x: [1, 256] },
    values: () => 60_000,
    constants: { v: tensor([256, 4], () => 2), w: tensor([4, 2], () => 100) },
    nodes: [node('MatMul', ['x', 'v'], 'a'), node('Relu', ['a'], 'r'), node('MatMul', ['r', 'w'])],
  },
  {
    name: 'a convolution with a bias over one axis',
    inputs: { x: [1, 2, 6] },
    constants: { w: tensor([3, 2, 3]), b: tensor([3]) },
    nodes: [node('Conv', ['x', 'w', 'b'], 'y', { pads: { ints: [1, 1] } })],
  },
  {
    name: 'slices of a split joined in another order',
    inputs: { x: [4, 2] },
    nodes: [
      { op: 'Split', inputs: ['x'], outputs: ['a', 'b'], attributes: { axis: { i: 0 } } },
      node('Concat', ['b', 'a'], 'y', { axis: { i: 0 } }),
    ],
  },
  {
    name: 'a target of reshape',
    inputs: { x: [2, 6] },
    constants: { s: ints(3, -1) },
    nodes: [node('Reshape', ['x', 's'])],
  },
  {
    name: 'an embedding of private words',
    inputs: { ids: [1, 6] },
    values: (i) => [99, 0, 63, 64, 17, 99][i],
    constants: { table: tensor([100, 8], (i) => ((i * 37) % 101) / 50 - 1), w: tensor([8, 3]) },
    nodes: [
      node('Gather', ['table', 'ids'], 'rows'),
      node('MatMul', ['rows', 'w'], 'h'),
      node('Tanh', ['h']),
    ],
  },
  {
    name: 'words and their positions, which are public',
    inputs: { ids: [2, 3] },
    values: (i) => [4, 0, 3, 1, 1, 2][i],
    constants: {
      table: tensor([5, 4], (i) => i / 4),
      places: tensor([16, 4], (i) => -i),
      all: { type: 7, shape: [1, 16], data: Array.from({ length: 16 }, (_, i) => i) },
      ...{ zero: ints(0), one: ints(1), two: ints(2) },
    },
    nodes: [
      node('Gather', ['table', 'ids'], 'rows'),
      node('Shape', ['ids'], 'shape'),
      node('Slice', ['shape', 'one', 'two'], 'length'),
      node('Slice', ['all', 'zero', 'length', 'one'], 'positions'),
      node('Gather', ['places', 'positions'], 'added'),
      node('Add', ['rows', 'added']),
    ],
  },
  {
    name: 'private columns of what is private',
    inputs: { x: [3, 4], ids: [2] },
    values: (i) => [3, 0, 1, 2][i % 4],
    nodes: [node('Gather', ['x', 'ids'], 'y', { axis: { i: 1 } })],
  },
  {
    name: 'one-hot rows of private words',
    inputs: { ids: [2, 2] },
    values: (i) => [0, 19, -1, 20][i],
    constants: { depth: { type: 7, shape: [], data: [20n] }, values: vector([-1, 3]) },
    nodes: [node('OneHot', ['ids', 'depth', 'values'])],
  },
  {
    name: 'an empty batch',
    inputs: { x: [0, 3] },
    constants: { w: tensor([3, 2]) },
    nodes: [node('MatMul', ['x', 'w'])],
  },
];

function modelOf({ inputs, outputs = ['y'], nodes, constants, opset = 17 }: Case): ModelGraph {
  const spec: ModelSpec = {
    opset,
    inputs: Object.entries(inputs).map(([name, shape]) => ({
      name,
      type: name === 'ids' ? 7 : 1,
      shape: shape.map((d, i) => (d === 0 ? `n${i}` : d)),
    })),
    outputs: outputs.map((name) => ({ name })),
    nodes,
    initializers: constants,
  };
  return buildGraph(parseOnnx(encodeModel(spec)));
}

for (const mode of ['owned', 'shared'] as const)
  describe(`networks from files, ${mode} weights`, () => {
    for (const one of cases)
      it(one.name, async () => {
        const values = one.values ?? ((i) => ((i * 5) % 13) / 4 - 1.5);
        const inputs = Object.entries(one.inputs).map(([name, shape]) => ({ name, ...plain(shape, values) }));
        const concrete = specialize(
          modelOf(one),
          Object.fromEntries(inputs.map(({ name, shape }) => [name, shape])),
        );
        const right = evaluatePlain(concrete, Object.fromEntries(inputs.map(({ name, ...x }) => [name, x])));
        for (const parties of [2, 3]) {
          const { results } = await simulate({ parties }, async (party) => {
            const scaled = withWeightScales(concrete, party.context.precision);
            const network = new Graph(party.rank === 0 ? scaled : withoutWeights(scaled));
            await network.encrypt(party, { src: 0, mode }).prepare();
            if (parties === 3) network.forget();
            const xs = inputs.map(({ data, shape }) => party.cryptensor(data, { src: 1, shape }));
            const ys = network.forwardAll(...xs);
            return Promise.all(ys.map((y) => y.revealFloat64()));
          });
          for (const outputs of results)
            outputs.forEach((made, i) => {
              const expected = right[concrete.outputs[i].name];
              expect(made?.shape).deep.equal(expected.shape);
              expected.data.forEach((v, j) => {
                expect(made?.data[j], `${parties} parties, element ${j}`).closeTo(
                  v,
                  (one.tolerance ?? 2 ** -12) * Math.max(1, Math.abs(v)),
                );
              });
            });
        }
      });
  });

it('a network that let go of its numbers cannot be encrypted again, and a bias stays', async () => {
  const graph = specialize(
    modelOf({
      name: 'layer',
      inputs: { x: [1, 3] },
      constants: { w: tensor([3, 2]), b: tensor([2]) },
      nodes: [node('Gemm', ['x', 'w', 'b'])],
    }),
  );
  await simulate({ parties: 2 }, async (party) => {
    const network = new Graph(party.rank === 0 ? graph : withoutWeights(graph));
    await network.encrypt(party, { src: 0 }).prepare();
    network.forget();
    const numbers = [...network.parameters()].map(({ data }) => data?.length);
    expect(numbers).deep.equal(party.rank === 0 ? [undefined, 2] : [undefined, undefined]);
    if (party.rank === 0) expect(() => network.encrypt(party, { src: 0 })).throw(ArgumentError, 'let go');
  });
});

const plain = (shape: number[], values: (i: number) => number) => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => values(i)),
});

const withoutWeights = (graph: ReturnType<typeof specialize>) => ({
  ...graph,
  parameters: new Map(Array.from(graph.parameters, ([name, { shape, scales }]) => [name, { shape, scales }])),
});

it('a network with other outputs has the same parameters, and computes no more than they need', async () => {
  const graph = specialize(
    modelOf({
      name: 'layers',
      inputs: { x: [1, 3] },
      constants: { w: tensor([3, 2]), b: tensor([2]) },
      nodes: [node('Gemm', ['x', 'w', 'b'], 'h'), node('Relu', ['h'], 'r'), node('Exp', ['r'])],
    }),
  );
  await simulate({ parties: 2 }, async (party) => {
    const network = new Graph(party.rank === 0 ? graph : withoutWeights(graph)).encrypt(party, { src: 0 });
    const [first] = network.graph.nodes;
    const look = network.withOutputs(first.outputs[0]);
    expect([...look.parameters()]).deep.equal([...network.parameters()]);
    expect(look.graph.nodes).deep.equal([first]);
    const x = party.cryptensor([[1, 2, 3]], { src: 1 });
    const made = await look.forward(x).revealFloat64();
    const wanted = await network.forward(x).revealFloat64();
    wanted?.data.forEach((v, i) => {
      expect(Math.exp(Math.max(0, made?.data[i] ?? Number.NaN))).closeTo(v, 2 ** -8 * v);
    });
    expect(() => network.withOutputs('nothing')).throw(ArgumentError, "no value 'nothing'");
  });
});

it('a network that shares parameters takes them as they are, and has others of its own', async () => {
  const made = (rows: number, extra: number) =>
    specialize(
      modelOf({
        name: 'layers',
        inputs: { x: [rows, 3] },
        constants: { w: tensor([3, 2]), c: tensor([rows, 2], () => extra) },
        nodes: [node('MatMul', ['x', 'w'], 'h'), node('Relu', ['h'], 'r'), node('Add', ['r', 'c'])],
      }),
    );
  await simulate({ parties: 2 }, async (party) => {
    const here = (graph: ReturnType<typeof made>) => (party.rank === 0 ? graph : withoutWeights(graph));
    const network = new Graph(here(made(1, 1)));
    await network.encrypt(party, { src: 0 }).prepare();
    const larger = network.sharing(here(made(2, 5)), new Set(['w']));
    const own = new Map(network.namedParameters());
    for (const [name, parameter] of larger.namedParameters()) {
      expect(parameter === own.get(name), name).equal(name === 'w');
      expect(parameter.encrypted, name).equal(name === 'w');
      if (!parameter.encrypted) parameter.encrypt(party, 0, 'owned');
    }
    const before = party.stats.snapshot();
    await larger.prepare();
    expect(party.stats.snapshot().rounds).equal(before.rounds);
    const x = party.cryptensor(
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
      { src: 1 },
    );
    const y = await larger.forward(x).revealFloat64();
    expect(Array.from(y?.data ?? [])).deep.equal([5, 5.75, 5, 6.5]);
    const one = await network.forward(party.cryptensor([[1, 0, 0]], { src: 1 })).revealFloat64();
    expect(Array.from(one?.data ?? [])).deep.equal([1, 1.75]);
    expect(() => network.sharing(here(made(2, 5)), new Set(['w', 'c']))).throw(
      ArgumentError,
      "'c' has the shapes",
    );
    expect(() => network.sharing(here(made(2, 5)), new Set(['nothing']))).throw(ArgumentError, "'nothing'");
  });
});
