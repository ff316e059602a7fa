/** LSTM, GRU and RNN of files, against onnxruntime and in private. */
import { buildGraph, parseOnnx, UnsupportedModelError } from '@tacit/onnx';
import { expect } from 'chai';
import { compareWithRuntime } from '../../onnx/test/helpers/compare.js';
import { type AttributeValue, encodeModel, type TensorSpec } from '../../onnx/test/helpers/onnx-encoder.js';
import { i, ints, weight } from '../../onnx/test/helpers/operator-cases.js';
import { agrees, node } from './helpers/models.js';

const GATES = { LSTM: 4, GRU: 3, RNN: 1 } as const;
type Kind = keyof typeof GATES;
const HIDDEN = 3;
const FEATURES = 2;

const small = (shape: number[], seed: number): TensorSpec => {
  const { data } = weight(shape, seed);
  return { shape, data: Array.from(data, (v) => Math.fround(Number(v) / 2)) };
};
const lens = (...data: number[]): TensorSpec => ({ type: 6, shape: [data.length], data });

interface Options {
  readonly directions?: number;
  readonly attributes?: Record<string, AttributeValue>;
  readonly lengths?: readonly number[];
  readonly bias?: boolean;
  readonly initial?: boolean;
  readonly peepholes?: boolean;
  readonly length?: number;
  readonly batch?: number;
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

/** A model of one layer; which inputs it has is in the options. */
function layer(kind: Kind, options: Options) {
  const { directions = 1, attributes = {}, lengths, length = 3, batch = 2 } = options;
  const gates = GATES[kind];
  const turned = (shape: number[]) =>
    attributes.layout ? ([shape[1], shape[0], shape[2]] as number[]) : shape;
  const constants: Record<string, TensorSpec> = {
    w: small([directions, gates * HIDDEN, FEATURES], 3),
    r: small([directions, gates * HIDDEN, HIDDEN], 4),
    ...(options.bias !== false && { b: small([directions, 2 * gates * HIDDEN], 5) }),
    ...(lengths && { lengths: lens(...lengths) }),
    ...(options.peepholes && { p: small([directions, 3 * HIDDEN], 6) }),
    ...(options.initial && {
      h: small(turned([directions, batch, HIDDEN]), 8),
      ...(kind === 'LSTM' && { c: small(turned([directions, batch, HIDDEN]), 9) }),
    }),
  };
  const inputs = ['x', 'w', 'r', 'b', 'lengths', 'h', 'c', 'p'].slice(0, kind === 'LSTM' ? 8 : 6);
  const given = inputs.map((name) => (name === 'x' || name in constants ? name : ''));
  while (given.at(-1) === '') given.pop();
  const outputs = options.outputs ?? (kind === 'LSTM' ? ['y', 'yh', 'yc'] : ['y', 'yh']);
  return {
    inputs: { x: turned([length, batch, FEATURES]) },
    nodes: [node(kind, given, [...outputs], { hidden_size: i(HIDDEN), ...attributes })],
    constants,
    outputs: outputs.filter((name) => name !== ''),
    opset: options.opset ?? 14,
  };
}

const direction = (name: string) => ({ direction: { s: name } });
const both = { directions: 2, attributes: direction('bidirectional') };

const CASES: [Kind, string, Options][] = [
  ...(['LSTM', 'GRU', 'RNN'] as const).flatMap((kind): [Kind, string, Options][] => [
    [kind, 'opset 7, without biases', { bias: false, opset: 7 }],
    [kind, 'reverse', { attributes: direction('reverse'), initial: true }],
    [kind, 'both directions, initial states', { ...both, initial: true }],
    [kind, 'sequences of several lengths', { ...both, lengths: [1, 3, 2], batch: 3, length: 4 }],
    [kind, 'the same with initial states', { ...both, initial: true, lengths: [2, 1, 2], batch: 3 }],
    [kind, 'clipped', { attributes: { clip: { f: 0.4 } }, initial: true }],
    [kind, 'one step, opset 22', { length: 1, batch: 1, opset: 22 }],
    [kind, 'the last state only', { outputs: ['', 'yh'] }],
  ]),
  ['LSTM', 'peepholes', { ...both, peepholes: true, initial: true }],
  ['LSTM', 'coupled gates', { attributes: { input_forget: i(1) }, initial: true }],
  ['LSTM', 'the cell only', { outputs: ['', '', 'yc'] }],
  [
    'GRU',
    'reset after the product',
    { ...both, attributes: { ...both.attributes, linear_before_reset: i(1) } },
  ],
  [
    'GRU',
    'reset after the product, initial state, no biases',
    { attributes: { linear_before_reset: i(1) }, initial: true, bias: false },
  ],
  [
    'LSTM',
    'other activations',
    {
      attributes: {
        activations: { strings: ['HardSigmoid', 'Softsign', 'Relu'] },
        activation_alpha: { floats: [0.3] },
      },
    },
  ],
  [
    'RNN',
    'an activation for each direction',
    {
      directions: 2,
      attributes: {
        ...both.attributes,
        activations: { strings: ['LeakyRelu', 'ScaledTanh'] },
        activation_alpha: { floats: [0.2, 0.5] },
        activation_beta: { floats: [1.5] },
      },
    },
  ],
];

describe('networks from files: recurrent layers against onnxruntime', () => {
  for (const [kind, title, options] of CASES)
    it(`${kind}: ${title}`, async () => {
      const { inputs, ...spec } = layer(kind, options);
      await compareWithRuntime(
        {
          ...spec,
          initializers: spec.constants,
          inputs: [{ name: 'x', shape: inputs.x }],
          outputs: spec.outputs.map((name) => ({ name })),
        },
        inputs,
      );
    });
});

describe('networks from files: recurrent layers in private', () => {
  it('LSTM', () =>
    agrees({ ...layer('LSTM', { ...both, lengths: [1, 2], length: 2, initial: true }), parties: [2, 3] }));
  it('GRU', () =>
    agrees({ ...layer('GRU', { attributes: { linear_before_reset: i(1) } }), modes: ['owned', 'shared'] }));
  it('RNN', () => agrees(layer('RNN', { attributes: direction('reverse') })));
});

describe('networks from files: recurrent layers', () => {
  it('are as PyTorch exports them: batch first, zeros for the state, batch and steps flattened', async () => {
    const constants = {
      ...layer('LSTM', both).constants,
      one: ints(1),
      two: ints(2),
      hidden: ints(HIDDEN),
      s: ints(0, 0, -1),
    };
    const nodes = [
      node('Transpose', ['x'], 'steps', { perm: { ints: [1, 0, 2] } }),
      node('Shape', ['steps'], 'shape'),
      node('Gather', ['shape', 'one'], 'batch', { axis: i(0) }),
      node('Concat', ['two', 'batch', 'hidden'], 'size', { axis: i(0) }),
      node('ConstantOfShape', ['size'], 'zeros'),
      node('LSTM', ['steps', 'w', 'r', 'b', '', 'zeros', 'zeros'], ['all', 'h', 'c'], {
        ...both.attributes,
        hidden_size: i(HIDDEN),
      }),
      node('Transpose', ['all'], 'moved', { perm: { ints: [0, 2, 1, 3] } }),
      node('Reshape', ['moved', 's'], 'joined'),
      node('Transpose', ['joined'], 'y', { perm: { ints: [1, 0, 2] } }),
    ];
    const spec = { opset: 17, outputs: [{ name: 'y' }, { name: 'h' }], nodes, initializers: constants };
    await compareWithRuntime({ ...spec, inputs: [{ name: 'x', shape: ['n', 3, 2] }] }, { x: [2, 3, 2] });
  });

  it('take weights that are secret', async () => {
    const { nodes } = layer('GRU', { bias: false });
    const inputs = { x: [2, 2, FEATURES], w: [1, 3 * HIDDEN, FEATURES], r: [1, 3 * HIDDEN, HIDDEN] };
    const listed = Object.entries(inputs).map(([name, shape]) => ({ name, shape }));
    await compareWithRuntime({ opset: 14, inputs: listed, outputs: [{ name: 'y' }], nodes }, inputs);
  });

  it('with layout 1 are the transposed ones', async () => {
    const layout = { ...both.attributes, layout: i(1) };
    const { inputs, constants, nodes } = layer('LSTM', { directions: 2, attributes: layout, initial: true });
    const build = (own: typeof nodes, shape: number[]) =>
      buildGraph(
        parseOnnx(
          encodeModel({
            opset: 14,
            inputs: [{ name: 'x', shape }],
            outputs: [{ name: 'y' }],
            nodes: own,
            initializers: constants,
          }),
        ),
      );
    const graph = build(nodes, inputs.x);
    expect(graph.nodes.at(-1)).to.deep.include({ op: 'Transpose', attributes: { perm: [2, 0, 1, 3] } });
  });

  it('refuse what they cannot be', () => {
    const refusal = (kind: Kind, options: Options, changes: object = {}): string => {
      const { inputs, ...spec } = layer(kind, options);
      const model = {
        ...spec,
        initializers: spec.constants,
        inputs: [{ name: 'x', shape: inputs.x as (number | string)[] }],
        outputs: spec.outputs.map((name) => ({ name })),
        ...changes,
      };
      try {
        buildGraph(parseOnnx(encodeModel(model)));
      } catch (error) {
        if (error instanceof UnsupportedModelError) return error.issues.map(({ reason }) => reason).join();
        throw error;
      }
      return '';
    };
    expect(refusal('LSTM', {}, { inputs: [{ name: 'x', shape: ['t', 2, 2] }] })).match(/length t of the seq/);
    expect(refusal('GRU', { attributes: { activations: { strings: ['Sigmoid', 'Sine'] } } })).match(/Sine/);
    expect(refusal('RNN', { lengths: [0, 2] })).match(/sequence_lens \[0,2\]/);
    expect(refusal('RNN', { attributes: direction('sideways') })).match(/sideways/);
    expect(refusal('LSTM', { attributes: { hidden_size: i(4) } })).match(/does not fit hidden_size 4/);
  });
});
