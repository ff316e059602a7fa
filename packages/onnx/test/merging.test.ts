import { expect } from 'chai';
import { buildGraph, parseOnnx } from '../src/index.js';
import { compareWithRuntime, numbers } from './helpers/compare.js';
import { encodeModel, type ModelSpec, type NodeSpec, type TensorSpec } from './helpers/onnx-encoder.js';
import { ints, weight } from './helpers/operator-cases.js';

/** A chain of nodes: each takes the output of the one before, then the named constants. */
function chain(
  x: (number | string)[],
  steps: [op: string, constants?: Record<string, TensorSpec>, attributes?: NodeSpec['attributes']][],
  opset = 13,
): ModelSpec {
  const initializers: Record<string, TensorSpec> = {};
  const nodes = steps.map(([op, constants = {}, attributes], index): NodeSpec => {
    for (const [name, tensor] of Object.entries(constants)) initializers[`${index}${name}`] = tensor;
    const inputs = [
      index === 0 ? 'x' : `v${index - 1}`,
      ...Object.keys(constants).map((name) => `${index}${name}`),
    ];
    const outputs = [index === steps.length - 1 ? 'y' : `v${index}`];
    return { op, name: `n${index}`, inputs, outputs, ...(attributes && { attributes }) };
  });
  return { opset, inputs: [{ name: 'x', shape: x }], outputs: [{ name: 'y' }], nodes, initializers };
}

const norm = (channels: number): [string, Record<string, TensorSpec>] => [
  'BatchNormalization',
  {
    s: weight([channels], 2),
    b: weight([channels], 3),
    m: weight([channels], 4),
    v: { shape: [channels], data: numbers(channels, 6).map((value) => value ** 2 + 0.01) },
  },
];
const conv = (
  shape: number[],
  attributes?: NodeSpec['attributes'],
): [string, Record<string, TensorSpec>, NodeSpec['attributes']] => [
  'Conv',
  { w: weight(shape), b: weight([shape[0] ?? 0]) },
  attributes,
];
const transposed = (
  shape: number[],
  attributes?: NodeSpec['attributes'],
): [string, Record<string, TensorSpec>, NodeSpec['attributes']] => [
  'ConvTranspose',
  { w: weight(shape) },
  attributes,
];
const linear = (rows: number, columns: number): [string, Record<string, TensorSpec>] => [
  'Gemm',
  { w: weight([rows, columns]), b: weight([columns]) },
];
const perChannel = (channels: number): Record<string, TensorSpec> => ({ c: weight([channels, 1, 1], 8) });
const pool = (
  attributes: NodeSpec['attributes'] = {},
): [string, Record<string, TensorSpec>, NodeSpec['attributes']] => [
  'AveragePool',
  {},
  { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] }, ...attributes },
];
const padding = (...pads: number[]): [string, Record<string, TensorSpec>] => ['Pad', { p: ints(...pads) }];

const x4 = ['n', 4, 6, 6];
const shape4 = { x: [3, 4, 6, 6] };
const FOLDS: [string, ModelSpec, Record<string, number[]>, string[]][] = [
  [
    'BN after ConvTranspose',
    chain(x4, [transposed([4, 5, 3, 2], { strides: { ints: [2, 1] } }), norm(5), ['Relu']]),
    shape4,
    ['ConvTranspose', 'Relu'],
  ],
  [
    'a scale before and BN after ConvTranspose in groups',
    chain(x4, [['Mul', perChannel(4)], transposed([4, 3, 2, 2], { group: { i: 2 } }), norm(6)]),
    shape4,
    ['ConvTranspose'],
  ],
  [
    'not BN before ConvTranspose: at its border fewer elements meet',
    chain(x4, [norm(4), transposed([4, 2, 3, 3])]),
    shape4,
    ['Affine', 'ConvTranspose'],
  ],
  ['BN after Conv', chain(x4, [conv([5, 4, 3, 3]), norm(5), ['Relu']]), shape4, ['Conv', 'Relu']],
  ['BN before Conv', chain(x4, [norm(4), conv([5, 4, 3, 3])]), shape4, ['Conv']],
  [
    'BN before a grouped Conv',
    chain(x4, [['Relu'], norm(4), conv([6, 2, 3, 3], { group: { i: 2 } })]),
    shape4,
    ['Relu', 'Conv'],
  ],
  [
    'BN before a padded Conv stays',
    chain(x4, [norm(4), conv([5, 4, 3, 3], { pads: { ints: [1, 1, 1, 1] } })]),
    shape4,
    ['Affine', 'Conv'],
  ],
  [
    'scale before a padded Conv',
    chain(x4, [['Mul', perChannel(4)], conv([5, 4, 3, 3], { pads: { ints: [1, 1, 1, 1] } })]),
    shape4,
    ['Conv'],
  ],
  ['BN between Relus stays', chain(x4, [['Relu'], norm(4), ['Relu']]), shape4, ['Relu', 'Affine', 'Relu']],
  ['BN after Gemm', chain(['n', 4], [linear(4, 3), norm(3)]), { x: [2, 4] }, ['Linear']],
  ['BN before Gemm', chain(['n', 4], [['Tanh'], norm(4), linear(4, 3)]), { x: [2, 4] }, ['Tanh', 'Linear']],
  [
    'BN, pooling, flattening, Gemm',
    chain(x4, [['Relu'], norm(4), pool(), ['Flatten'], linear(36, 3)]),
    shape4,
    ['Relu', 'AveragePool', 'Flatten', 'Linear'],
  ],
  [
    'BN, pooling that counts padding, Gemm',
    chain(x4, [
      ['Relu'],
      norm(4),
      pool({ pads: { ints: [1, 1, 1, 1] }, count_include_pad: { i: 1 } }),
      ['Flatten'],
      linear(64, 3),
    ]),
    shape4,
    ['Relu', 'Affine', 'AveragePool', 'Flatten', 'Linear'],
  ],
  [
    'BN, global pooling, Reshape, Gemm',
    chain(x4, [['Relu'], norm(4), ['GlobalAveragePool'], ['Reshape', { s: ints(0, -1) }], linear(4, 3)]),
    shape4,
    ['Relu', 'GlobalAveragePool', 'Reshape', 'Linear'],
  ],
  [
    'BN, transposition, Gemm stays',
    chain(['n', 4], [['Relu'], norm(4), ['Transpose'], ['Gemm', { w: weight([3, 2]) }]]),
    { x: [3, 4] },
    ['Relu', 'Affine', 'Transpose', 'Linear'],
  ],
  [
    'normalised input, scalar and per channel',
    chain(x4, [
      ['Div', { d: weight([]) }],
      ['Sub', perChannel(4)],
      ['Div', { d: { shape: [1, 4, 1, 1], data: [1, 2, 3, 4] } }],
      conv([5, 4, 3, 3]),
    ]),
    shape4,
    ['Conv'],
  ],
  [
    'scale and shift stay together as one Affine',
    chain(x4, [['Relu'], ['Mul', perChannel(4)], ['Add', { c: weight([]) }], ['Relu']]),
    shape4,
    ['Relu', 'Affine', 'Relu'],
  ],
  [
    'sums are one',
    chain(x4, [['Relu'], ['Add', perChannel(4)], ['Add', { c: weight([1]) }]]),
    shape4,
    ['Relu', 'Add'],
  ],
  [
    'products are one',
    chain(x4, [['Relu'], ['Mul', perChannel(4)], ['Mul', { c: weight([]) }]]),
    shape4,
    ['Relu', 'Mul'],
  ],
  [
    'different axes stay apart',
    chain(x4, [['Relu'], ['Mul', perChannel(4)], ['Mul', { c: weight([6]) }]]),
    shape4,
    ['Relu', 'Mul', 'Mul'],
  ],
  [
    'Neg and Add after Conv',
    chain(x4, [conv([5, 4, 3, 3]), ['Neg'], ['Add', perChannel(5)]]),
    shape4,
    ['Conv'],
  ],
  [
    'Neg and Add alone',
    chain(x4, [['Neg'], ['Add', perChannel(4)], ['Relu']]),
    shape4,
    ['Neg', 'Add', 'Relu'],
  ],
  [
    'MatMul and Add',
    chain(
      ['n', 5, 4],
      [
        ['MatMul', { w: weight([4, 3]) }],
        ['Add', { b: weight([3]) }],
      ],
    ),
    { x: [2, 5, 4] },
    ['Linear'],
  ],
  [
    'an Add that enlarges stays an Add',
    chain(['n', 1], [linear(1, 1), ['Add', { b: weight([2, 3]) }]]),
    { x: [2, 1] },
    ['Linear', 'Add'],
  ],
  [
    'Pad before Conv',
    chain(x4, [padding(0, 0, 1, 2, 0, 0, 0, 1), conv([5, 4, 3, 3], { pads: { ints: [1, 0, 0, 1] } })]),
    shape4,
    ['Conv'],
  ],
  ['Pad before AveragePool', chain(x4, [padding(0, 0, 1, 1, 0, 0, 1, 1), pool()]), shape4, ['AveragePool']],
  [
    'Pad before AveragePool that does not count its own padding',
    chain(x4, [padding(0, 0, 1, 1, 0, 0, 1, 1), pool({ pads: { ints: [1, 0, 0, 0] } })]),
    shape4,
    ['Pad', 'AveragePool'],
  ],
  [
    'Pad before AveragePool with ceil_mode',
    chain(x4, [padding(0, 0, 0, 0, 0, 0, 1, 1), pool({ ceil_mode: { i: 1 } })]),
    shape4,
    ['Pad', 'AveragePool'],
  ],
  [
    'Pad of channels',
    chain(x4, [padding(0, 1, 0, 0, 0, 0, 0, 0), conv([2, 5, 3, 3])]),
    shape4,
    ['Pad', 'Conv'],
  ],
  [
    'Pad before MaxPool',
    chain(x4, [padding(0, 0, 1, 1, 0, 0, 1, 1), ['MaxPool', {}, { kernel_shape: { ints: [2, 2] } }]]),
    shape4,
    ['Pad', 'MaxPool'],
  ],
  ['cropping', chain(x4, [padding(0, 0, -1, 0, 0, 0, 0, -1), conv([2, 4, 3, 3])]), shape4, ['Pad', 'Conv']],
  ['Pad of nothing', chain(x4, [padding(0, 0, 0, 0, 0, 0, 0, 0), ['Relu']]), shape4, ['Relu']],
];

describe('onnx: merging of layers', () => {
  for (const [title, model, shapes, ops] of FOLDS)
    it(title, async () => {
      const graph = await compareWithRuntime(model, shapes);
      expect(graph.nodes.map((node) => node.op)).to.deep.equal(ops);
      const used = new Set(graph.nodes.flatMap((node) => node.inputs));
      for (const name of graph.parameters.keys()) expect(used.has(name), name).to.equal(true);
    });

  it('a layer with a secret bias keeps it', async () => {
    const spec: ModelSpec = {
      opset: 17,
      inputs: [
        { name: 'x', shape: [1, 2, 3, 3] },
        { name: 'b', shape: [2] },
      ],
      outputs: [{ name: 'y' }],
      nodes: [
        { op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['v'] },
        { op: 'Mul', inputs: ['v', 'c'], outputs: ['y'] },
      ],
      initializers: { w: weight([2, 2, 2, 2]), c: weight([2, 1, 1], 8) },
    };
    const graph = await compareWithRuntime(spec, { x: [1, 2, 3, 3], b: [2] });
    expect(graph.nodes.map(({ op }) => op)).deep.equal(['Conv', 'Mul']);
  });

  it('a value with two users keeps its scale', async () => {
    const spec = chain(x4, [conv([5, 4, 3, 3]), norm(5), ['Relu']]);
    spec.nodes.push({ op: 'Tanh', inputs: ['v0'], outputs: ['z'] });
    spec.outputs.push({ name: 'z' });
    const graph = await compareWithRuntime(spec, shape4);
    expect(graph.nodes.map((node) => node.op)).to.have.members(['Conv', 'Affine', 'Relu', 'Tanh']);
  });

  it('a value that is an output keeps its scale', async () => {
    const spec = chain(x4, [conv([5, 4, 3, 3]), norm(5)]);
    spec.outputs.push({ name: 'v0' });
    const graph = await compareWithRuntime(spec, shape4);
    expect(graph.nodes.map((node) => node.op)).to.deep.equal(['Conv', 'Affine']);
  });

  it('weights of two layers are merged apart', async () => {
    const spec = chain(['n', 4], [['MatMul', { w: weight([4, 4]) }], norm(4), ['Relu']]);
    spec.nodes.push({ op: 'MatMul', inputs: ['y', '0w'], outputs: ['z'] });
    spec.outputs = [{ name: 'z' }];
    const graph = await compareWithRuntime(spec, { x: [2, 4] });
    expect(graph.nodes.map((node) => node.op)).to.deep.equal(['Linear', 'Relu', 'Linear']);
  });

  it('is done in double precision', () => {
    const one = (value: number): TensorSpec => ({ shape: [1], data: [value] });
    const spec = chain(
      ['n', 1],
      [
        ['Gemm', { w: { type: 11, shape: [1, 1], data: [1 / 3] }, b: one(0) }],
        ['BatchNormalization', { s: one(1), b: one(0), m: one(0), v: one(0.017) }],
      ],
    );
    const graph = buildGraph(parseOnnx(encodeModel(spec)));
    const folded = graph.parameters.get(graph.nodes[0]?.inputs[1] ?? '')?.data[0] ?? 0;
    const epsilon = 1e-5;
    expect(Math.abs(folded - 1 / 3 / Math.sqrt(Math.fround(0.017) + epsilon))).to.be.lessThan(1e-9);
    expect(folded).to.not.equal(Math.fround(folded));
  });
});
