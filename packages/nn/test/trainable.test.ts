/** Model files that are trained: as the modules that they were exported from. */
import { architectureOf, buildGraph, graphFromArchitecture, type ModelGraph, parseOnnx } from '@tacit/onnx';
import type { Party } from '@tacit/tensor';
import { expect } from 'chai';
import * as ort from 'onnxruntime-web';
import { fromOnnx } from '../../launch/src/from-onnx.js';
import { encodeModel, type ModelSpec, type TensorSpec } from '../../onnx/test/helpers/onnx-encoder.js';
import { runParties } from '../../tensor/test/helpers/parties.js';
import * as nn from '../src/index.js';
import { node } from './helpers/models.js';
import { near, spread } from './helpers/modules.js';

const tensor = (seed: number, ...shape: number[]): TensorSpec => ({
  shape,
  data: spread(
    shape.reduce((a, b) => a * b, 1),
    seed,
    0.5,
  ),
});
const positive = ({ shape, data }: TensorSpec): TensorSpec => ({
  shape,
  data: Array.from(data, (v) => Math.abs(Number(v)) + 0.5),
});

/** As PyTorch writes a small network, its weights under their names. */
const CNN: ModelSpec = {
  opset: 17,
  inputs: [{ name: 'x', shape: ['batch', 1, 4, 4] }],
  outputs: [{ name: 'y' }],
  nodes: [
    node('Conv', ['x', '0.weight', '0.bias'], 'a', {
      kernel_shape: { ints: [3, 3] },
      pads: { ints: [1, 1, 1, 1] },
    }),
    node('BatchNormalization', ['a', '1.weight', '1.bias', '1.running_mean', '1.running_var'], 'b', {
      momentum: { f: 0.8 },
    }),
    node('Relu', ['b'], 'c'),
    node('MaxPool', ['c'], 'd', { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } }),
    node('Flatten', ['d'], 'e'),
    node('Gemm', ['e', '5.weight', '5.bias'], 'y', { transB: { i: 1 } }),
  ],
  initializers: {
    '0.weight': tensor(1, 2, 1, 3, 3),
    '0.bias': tensor(2, 2),
    '1.weight': positive(tensor(3, 2)),
    '1.bias': tensor(4, 2),
    '1.running_mean': tensor(5, 2),
    '1.running_var': positive(tensor(6, 2)),
    '5.weight': tensor(7, 3, 8),
    '5.bias': tensor(8, 3),
  },
};

const modules = () =>
  new nn.Sequential(
    new nn.Conv2d(1, 2, 3, { padding: 1 }),
    new nn.BatchNorm2d(2, { momentum: Math.fround(1 - Math.fround(0.8)) }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(8, 3),
  );
const camel = (name: string) => name.replace(/_(.)/, (_, c) => c.toUpperCase());

async function run(bytes: Uint8Array, shape: number[], data: Float64Array): Promise<number[]> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.from(data), shape) });
  await session.release();
  return Array.from(y.data as Float32Array);
}

describe('model files that are trained', () => {
  const bytes = encodeModel(CNN);
  const shape = [3, 1, 4, 4];
  const x = spread(48, 9, 1);
  const y = [0, 2, 1];

  /** Outputs, losses, weights and statistics of some steps, and outputs afterwards. */
  async function trained(party: Party, model: nn.Module) {
    const sgd = new nn.optim.SGD(model.parameters(), { lr: 0.25, momentum: 0.5 });
    const criterion = new nn.CrossEntropyLoss();
    const losses: (number | undefined)[] = [];
    for (let step = 0; step < 2; step++) {
      sgd.zeroGrad();
      const loss = criterion.forward(model.forward(party.cryptensor(x, { src: 1, shape })), y);
      losses.push(await loss.item());
      loss.backward();
      sgd.step();
    }
    const outputs = await model
      .eval()
      .forward(party.cryptensor(x, { src: 1, shape }))
      .revealFloat64();
    const state = Object.entries((await model.decrypt()) ?? {});
    return { losses, outputs, state: Object.fromEntries(state.map(([name, v]) => [camel(name), v])) };
  }

  for (const parties of [2, 3])
    it(`learn as the modules do, ${parties} parties`, async () => {
      const results = await runParties(parties, async (party) => {
        const model = await fromOnnx(party, party.rank === 0 ? bytes : 'none', {
          src: 0,
          inputShape: shape,
          trainable: true,
        });
        const names = [...model.namedParameters()].map(([name]) => name);
        const buffers = [...model.namedBuffers()].map(([name]) => name);
        const own = modules();
        for (const [name, p] of [...own.namedParameters(), ...own.namedBuffers()]) {
          const given = Object.entries(CNN.initializers ?? {}).find(([other]) => camel(other) === name);
          p.data = Float64Array.from(given?.[1].data ?? [], Number);
        }
        model.encrypt(party, { src: 0 });
        own.encrypt(party, { src: 0 });
        const before = await model
          .eval()
          .forward(party.cryptensor(x, { src: 1, shape }))
          .revealFloat64();
        model.train();
        return { names, buffers, before, file: await trained(party, model), own: await trained(party, own) };
      });
      const right = await run(bytes, shape, x);
      for (const { names, buffers, before, file, own } of results) {
        expect(names).members(Object.keys(CNN.initializers ?? {}).filter((name) => !/running/.test(name)));
        expect(buffers).members(['1.running_mean', '1.running_var']);
        near(before?.data ?? [], right, 2 ** -9, 'before');
        near(file.losses as number[], own.losses as number[], 2 ** -10, 'losses');
        expect(file.losses[1]).lessThan(file.losses[0] as number);
        near(file.outputs?.data ?? [], own.outputs?.data ?? [], 2 ** -8, 'outputs');
        expect(Object.keys(file.state)).members(Object.keys(own.state));
        for (const [name, { data }] of Object.entries(own.state))
          near(file.state[name].data, data, 2 ** -9, name);
      }
    });

  it('drop elements in training alone', async () => {
    const model = encodeModel({
      opset: 17,
      inputs: [{ name: 'x', shape: [64] }],
      outputs: [{ name: 'y' }],
      nodes: [node('Dropout', ['x', 'ratio', 'training'], 'y')],
      initializers: {
        ratio: { shape: [], data: [0.25] },
        training: { type: 9, shape: [], data: [1] },
      },
    });
    const [{ inTraining, inUse }] = await runParties(2, async (party) => {
      const graph = await fromOnnx(party, model, { src: 1, trainable: true });
      graph.encrypt(party, { src: 1 });
      const ones = party.ones([64]);
      return {
        inTraining: await graph.forward(ones).revealFloat64(),
        inUse: await graph.eval().forward(ones).revealFloat64(),
      };
    });
    const dropped = inTraining?.data.filter((v) => v === 0).length;
    expect(dropped).within(1, 48);
    expect(Math.max(...(inTraining?.data ?? []))).closeTo(4 / 3, 1e-4);
    expect([...(inUse?.data ?? [])]).deep.equal(new Array(64).fill(1));
  });

  const rolesOf = (spec: Partial<ModelSpec>): Record<string, string> => {
    const graph = buildGraph(parseOnnx(encodeModel({ ...CNN, ...spec })), { trainable: true });
    const told = graphFromArchitecture(JSON.parse(JSON.stringify(architectureOf(graph))));
    return Object.fromEntries(
      Array.from((told as ModelGraph).parameters, ([name, { role }]) => [name, role ?? 'constant']),
    );
  };

  it('take weights in any place, and leave constants', () => {
    const initializers = {
      table: tensor(1, 5, 4),
      matrix: tensor(2, 4, 4),
      factor: tensor(3, 4),
      shift: tensor(4, 4),
      scale: { shape: [], data: [0.5] },
      power: { shape: [], data: [2] },
      mask: { shape: [4], data: [0, -Infinity, 0, 0] },
      unused: tensor(5, 3),
    };
    const nodes = [
      node('Gather', ['table', 'x'], 'a'),
      node('Transpose', ['matrix'], 'm', { perm: { ints: [1, 0] } }),
      node('MatMul', ['a', 'm'], 'b'),
      node('Mul', ['b', 'scale'], 'c'),
      node('LayerNormalization', ['c', 'factor', 'shift'], 'd'),
      node('Pow', ['d', 'power'], 'e'),
      node('Add', ['e', 'mask'], 'f'),
      node('Softmax', ['f'], 'y'),
    ];
    const inputs = [{ name: 'x', type: 7, shape: ['n'] }];
    expect(rolesOf({ nodes, initializers, inputs })).deep.equal({
      table: 'weight',
      matrix: 'weight',
      scale: 'constant',
      factor: 'weight',
      shift: 'weight',
      'mask:1': 'constant',
    });
  });

  it('do not tie weights that are stored once because they are equal', () => {
    const vector = { shape: [2], data: [1, 1] };
    const nodes = [
      node('Identity', ['first'], 'second'),
      node('Mul', ['x', 'first'], 'a'),
      node('Mul', ['a', 'second'], 'y'),
    ];
    const inputs = [{ name: 'x', shape: [2] }];
    expect(rolesOf({ nodes, inputs, initializers: { first: vector } })).deep.equal({
      first: 'weight',
      second: 'weight',
    });
  });

  it('normalise by statistics that are computed without training them', () => {
    const nodes = [
      node('Abs', ['means'], 'v'),
      node('BatchNormalization', ['x', '1.weight', '1.bias', 'means', 'v'], 'y'),
    ];
    const inputs = [
      { name: 'x', shape: [2, 3] },
      { name: 'means', shape: [3] },
    ];
    const vectors = { '1.weight': tensor(1, 3), '1.bias': tensor(2, 3) };
    expect(rolesOf({ nodes, inputs, initializers: vectors })).deep.equal({
      '1.weight': 'weight',
      '1.bias': 'weight',
      'BatchNormalization_1.epsilon': 'constant',
    });
  });
});
