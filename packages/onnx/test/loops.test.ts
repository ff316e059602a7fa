/** Scan and Loop, unrolled: against onnxruntime, and what is refused. */
import { expect } from 'chai';
import { checkModel, parseOnnx } from '../src/index.js';
import { compareWithRuntime } from './helpers/compare.js';
import { encodeModel, type ModelSpec, type NodeSpec, type TensorSpec } from './helpers/onnx-encoder.js';
import { node } from './helpers/open-cases.js';
import { i, list } from './helpers/operator-cases.js';

const scalar = (value: number): TensorSpec => ({ shape: [], data: [value] });
const steps = (value: number): TensorSpec => ({ type: 7, shape: [], data: [value] });
const truth = (value: number): TensorSpec => ({ type: 9, shape: [], data: [value] });

/** A running sum, and the rows of it; the names are those of the graph around it, too. */
const sumBody: Omit<ModelSpec, 'opset'> = {
  inputs: [
    { name: 'state', shape: [3] },
    { name: 'row', shape: [3] },
  ],
  outputs: [{ name: 'next' }, { name: 'seen' }],
  nodes: [node('Add', ['state', 'row'], 'next'), node('Mul', ['next', 'factor'], 'seen')],
};

const scan = (attributes: NodeSpec['attributes'], x: number[]): ModelSpec => ({
  opset: 17,
  inputs: [
    { name: 'x', shape: x },
    { name: 'start', shape: [3] },
  ],
  outputs: [{ name: 'last' }, { name: 'y' }],
  nodes: [
    {
      op: 'Scan',
      inputs: ['start', 'x'],
      outputs: ['last', 'y'],
      attributes: { num_scan_inputs: i(1), body: { g: sumBody }, ...attributes },
    },
  ],
  initializers: { factor: scalar(2) },
});

const loop = (inputs: string[], going: NodeSpec[]): ModelSpec => ({
  opset: 17,
  inputs: [{ name: 'x', shape: [3] }],
  outputs: [{ name: 'last' }, { name: 'y' }],
  nodes: [
    {
      op: 'Loop',
      inputs,
      outputs: ['last', 'y'],
      attributes: {
        body: {
          g: {
            inputs: [
              { name: 'n', type: 7, shape: [] },
              { name: 'c', type: 9, shape: [] },
              { name: 'state', shape: [3] },
            ],
            outputs: [{ name: 'going', type: 9 }, { name: 'next' }, { name: 'square' }],
            nodes: [
              node('Cast', ['n'], 'f', { to: i(1) }),
              node('Add', ['state', 'f'], 'next'),
              node('Mul', ['next', 'next'], 'square'),
              ...going,
            ],
          },
        },
      },
    },
  ],
  initializers: { three: steps(3), five: steps(5), yes: truth(1) },
});
const always = [node('Identity', ['c'], 'going')];

describe('onnx: Scan and Loop', () => {
  for (const [title, attributes, x] of [
    ['forward', {}, [4, 3]],
    ['backward', { scan_input_directions: list(1), scan_output_directions: list(1) }, [4, 3]],
    ['along other axes', { scan_input_axes: list(1), scan_output_axes: list(-1) }, [3, 4]],
  ] as const)
    it(`Scan ${title}`, async () => {
      await compareWithRuntime(scan(attributes, [...x]), { x: [...x], start: [3] });
    });

  for (const [title, inputs, going] of [
    ['a number of times', ['three', '', 'x'], always],
    ['a number of times, with a condition', ['three', 'yes', 'x'], always],
    ['until a condition that everybody knows', ['five', 'yes', 'x'], [node('Less', ['n', 'three'], 'going')]],
  ] as const)
    it(`Loop ${title}`, async () => {
      await compareWithRuntime(loop([...inputs], [...going]), { x: [3] });
    });

  const refused: [string, ModelSpec, RegExp][] = [
    [
      'a secret condition',
      loop(
        ['five', 'yes', 'x'],
        [node('ReduceSum', ['next'], 's', { keepdims: i(0) }), node('Less', ['s', 'limit'], 'going')],
      ),
      /how often it runs depends on secret data/,
    ],
    ['an open length', scan({}, ['t', 3] as unknown as number[]), /length t of the sequence must be known/],
  ];
  for (const [what, spec, message] of refused)
    it(`refuses ${what}`, () => {
      const { issues } = checkModel(
        parseOnnx(encodeModel({ ...spec, initializers: { ...spec.initializers, limit: scalar(1) } })),
      );
      expect(issues.map(({ reason }) => reason).join()).match(message);
    });

  it('says once what a body cannot compute', () => {
    const spec = scan(
      { body: { g: { ...sumBody, nodes: sumBody.nodes.map((one) => ({ ...one, op: 'Nothing' })) } } },
      [4, 3],
    );
    const { issues } = checkModel(parseOnnx(encodeModel(spec)));
    expect(issues.map(({ op }) => op)).deep.equal(['Nothing', 'Nothing']);
  });
});
