/** Masks of attention, as exporters write them: infinite constants before a softmax. */
import { ArgumentError } from '@tacit/errors';
import { buildGraph, evaluatePlain, parseOnnx, specialize } from '@tacit/onnx';
import type { Precision } from '@tacit/tensor';
import { expect } from 'chai';
import { encodeModel, type TensorSpec } from '../../onnx/test/helpers/onnx-encoder.js';
import { i, ints, scalar } from '../../onnx/test/helpers/operator-cases.js';
import { withWeightScales } from '../src/index.js';
import { agrees, type ModelCase, node } from './helpers/models.js';

const LOWEST = -3.4028234663852886e38;
const bools = (shape: number[], at: (i: number) => number): TensorSpec => ({
  type: 9,
  shape,
  data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => at(index)),
});
const causal = (t: number) => bools([1, 1, t, t], (index) => (index % t <= Math.floor(index / t) ? 1 : 0));
const softmax = node('Softmax', ['masked'], 'y', { axis: i(-1) });

const CASES: Record<string, ModelCase> = {
  'of GPT-2: Where by a slice of a larger buffer': {
    inputs: { scores: [1, 2, 3, 3] },
    constants: {
      buffer: causal(6),
      lowest: scalar(LOWEST),
      from: ints(0, 0),
      to: ints(3, 3),
      axes: ints(2, 3),
    },
    nodes: [
      node('Slice', ['buffer', 'from', 'to', 'axes'], 'mask'),
      node('Where', ['mask', 'scores', 'lowest'], 'masked'),
      softmax,
    ],
    modes: ['owned', 'shared'],
    parties: [2, 3],
  },
  'of BERT: added, from a public mask': {
    inputs: { scores: [2, 1, 2, 3] },
    constants: {
      given: { shape: [2, 1, 1, 3], data: [1, 1, 0, 1, 0, 0] },
      one: scalar(1),
      lowest: scalar(LOWEST),
    },
    nodes: [
      node('Sub', ['one', 'given'], 'inverse'),
      node('Mul', ['inverse', 'lowest'], 'mask'),
      node('Add', ['scores', 'mask'], 'masked'),
      softmax,
    ],
    modes: ['owned', 'shared'],
  },
  'of BERT: added, from a secret mask': {
    inputs: { scores: [2, 1, 2, 3], signs: [2, 1, 1, 3] },
    constants: { zero: scalar(0), one: scalar(1), lowest: scalar(LOWEST) },
    nodes: [
      node('Greater', ['signs', 'zero'], 'bits'),
      node('Cast', ['bits'], 'given', { to: i(1) }),
      node('Sub', ['one', 'given'], 'inverse'),
      node('Mul', ['inverse', 'lowest'], 'mask'),
      node('Add', ['scores', 'mask'], 'masked'),
      softmax,
    ],
    parties: [2, 3],
  },
  ...Object.fromEntries(
    [-1e4, -1e9].map((large): [string, ModelCase] => [
      `of ${large}: added, from a secret and a constant mask`,
      {
        inputs: { scores: [2, 1, 2, 3], signs: [2, 1, 1, 3] },
        constants: {
          zero: scalar(0),
          one: scalar(1),
          large: scalar(large),
          fixed: { shape: [1, 3], data: [0, 0, large] },
          first: { shape: [3], data: [1, 0, 0] },
        },
        nodes: [
          node('Greater', ['signs', 'zero'], 'bits'),
          node('Cast', ['bits'], 'some', { to: i(1) }),
          node('Max', ['some', 'first'], 'given'),
          node('Sub', ['one', 'given'], 'inverse'),
          node('Mul', ['inverse', 'large'], 'mask'),
          node('Add', ['scores', 'mask'], 'half'),
          node('Add', ['half', 'fixed'], 'masked'),
          softmax,
        ],
        modes: ['owned', 'shared'],
        parties: [2, 3],
      },
    ]),
  ),
  'of DistilBERT: Where by a secret mask': {
    inputs: { scores: [2, 2, 3], given: [2, 1, 3] },
    constants: { zero: scalar(0), lowest: scalar(LOWEST) },
    nodes: [
      node('Relu', ['given'], 'kept'),
      node('Equal', ['kept', 'zero'], 'hidden'),
      node('Where', ['hidden', 'lowest', 'scores'], 'masked'),
      softmax,
    ],
    modes: ['owned', 'shared'],
  },
  'of scaled_dot_product_attention: -Infinity, built by ConstantOfShape and Trilu': {
    inputs: { q: [1, 2, 3, 4], k: [1, 2, 4, 3] },
    constants: { shape: ints(3, 3), one: { type: 7, shape: [], data: [1n] }, scale: scalar(0.7) },
    nodes: [
      node('ConstantOfShape', ['shape'], 'all', { value: { t: { shape: [1], data: [-Infinity] } } }),
      node('Trilu', ['all', 'one'], 'mask', { upper: i(1) }),
      node('Mul', ['q', 'scale'], 'q2'),
      node('Mul', ['k', 'scale'], 'k2'),
      node('MatMul', ['q2', 'k2'], 'scores'),
      node('Add', ['scores', 'mask'], 'masked'),
      softmax,
    ],
  },
  'added twice, with a guard against rows that are masked everywhere': {
    inputs: { scores: [2, 3] },
    constants: {
      mask: { shape: [2, 3], data: [0, -Infinity, 0, 0, 0, -Infinity] },
      zero: scalar(0),
    },
    nodes: [
      node('Add', ['mask', 'mask'], 'twice'),
      node('Add', ['scores', 'twice'], 'masked'),
      node('Softmax', ['masked'], 'p', { axis: i(-1) }),
      node('IsNaN', ['p'], 'bad'),
      node('Where', ['bad', 'zero', 'p']),
    ],
  },
  'in a padding before a maximum': {
    inputs: { x: [1, 3] },
    constants: { pads: ints(0, 1, 0, 1), lowest: scalar(-Infinity) },
    nodes: [
      node('Pad', ['x', 'pads', 'lowest'], 'padded'),
      node('ReduceMax', ['padded'], 'y', { axes: { ints: [1] }, keepdims: i(1) }),
    ],
  },
};

describe('networks from files: masks', () => {
  for (const [title, one] of Object.entries(CASES)) it(title, () => agrees(one));

  const added = (...data: number[]) =>
    parseOnnx(
      encodeModel({
        opset: 17,
        inputs: [{ name: 'x', shape: [2] }],
        outputs: [{ name: 'y' }],
        nodes: [{ ...node('Add', ['x', 'c'], 'm'), name: 'mask' }, node('Softmax', ['m'])],
        initializers: { c: { type: 11, shape: [data.length], data } },
      }),
    );
  it('are noted, other large numbers left as they are', () => {
    const notes: string[] = [];
    const graph = buildGraph(added(-Infinity, 1e30), { onNote: (note) => notes.push(note) });
    expect([...graph.parameters.values()].map(({ data }) => [...data])).deep.equal([[-(2 ** 20), 2 ** 20]]);
    expect(notes).deep.equal(['2 infinite constants of node "mask" (Add) became numbers of size 2^20']);
    const [large] = buildGraph(added(1e29, 3)).parameters.values();
    expect([...large.data]).deep.equal([1e29, 3]);
    expect(() => buildGraph(added(Number.NaN, 0))).throw(/"mask" \(Add\): a constant is not a number/);
  });

  it('are refused where the session has no room for them', () => {
    const graph = buildGraph(added(-Infinity, 3));
    expect(withWeightScales(graph, { range: 20, fractionBits: 20 } as Precision).nodes).length(2);
    expect(() => withWeightScales(graph, { range: 18, fractionBits: 21 } as Precision)).throw(
      ArgumentError,
      'with 21 fraction bits values stay below 2^18',
    );
  });

  it('that are compared with are beyond all values, in one constant and in two', async () => {
    const x = [3, -(2 ** 27), 2 ** 27, 2 ** 21];
    for (const [op, infinite, right] of [
      ['Max', -Infinity, x],
      ['Min', Infinity, x],
      ['Greater', LOWEST, x.map(() => 1)],
      ['Less', LOWEST, x.map(() => 0)],
    ] as const) {
      const model = parseOnnx(
        encodeModel({
          opset: 17,
          inputs: [{ name: 'x', shape: [4] }],
          outputs: [{ name: 'y', type: right === x ? 1 : 9 }, { name: 'z' }],
          nodes: [
            node(op, ['x', 'c'], 'y'),
            node('Add', ['x', 'c'], 'm'),
            node('LeakyRelu', ['m'], 'z', { alpha: { f: 1 } }),
          ],
          initializers: { c: scalar(infinite) },
        }),
      );
      const { y, z } = evaluatePlain(specialize(buildGraph(model), {}), {
        x: { shape: [4], data: Float64Array.from(x) },
      });
      expect([...y.data], op).deep.equal(right);
      expect(z.data[0]).equal(3 + Math.sign(infinite) * 2 ** 20);
    }
  });
});
