/** Quantised networks of files: against onnxruntime to the step of the grid, and in private. */
import { buildGraph, parseOnnx, UnsupportedModelError } from '@tacit/onnx';
import { expect } from 'chai';
import { encodeModel, type NodeSpec, type TensorSpec } from '../../onnx/test/helpers/onnx-encoder.js';
import { i, ints, scalar } from '../../onnx/test/helpers/operator-cases.js';
import { agrees, type ModelCase, node } from './helpers/models.js';

const bytes = (type: 2 | 3, shape: number[], seed = 5): TensorSpec => ({
  type,
  shape,
  // Two's complement, as the file has it.
  raw: Uint8Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, index) => ((index * 53 + seed * 29) % 120) + (type === 2 ? 60 : index % 2 ? 0 : 196),
  ),
  data: [],
});
const zero = (type: 2 | 3, value: number): TensorSpec => ({
  type,
  shape: [],
  raw: Uint8Array.of(value & 255),
  data: [],
});
const zeros = (type: 2 | 3, count: number): TensorSpec => ({
  type,
  shape: [count],
  raw: new Uint8Array(count),
  data: [],
});
const floats = (...data: number[]): TensorSpec => ({ shape: [data.length], data: data.map(Math.fround) });
const int32 = (...data: number[]): TensorSpec => ({ type: 6, shape: [data.length], data });

const grid = { s: scalar(1 / 64), z: zero(2, 128) };
const toGrid = (from: string, to: string): NodeSpec[] => [
  node('QuantizeLinear', [from, 's', 'z'], `${to}.q`),
  node('DequantizeLinear', [`${to}.q`, 's', 'z'], to),
];

const CASES: Record<string, ModelCase> = {
  'QDQ around a layer, weights with a scale for each output': {
    inputs: { x: [2, 4] },
    constants: {
      ...grid,
      w: bytes(3, [4, 3]),
      ws: floats(0.01, 0.02, 0.005),
      wz: zeros(3, 3),
      b: int32(100, -50, 20),
      bs: floats(1e-3, 2e-3, 1e-3),
    },
    nodes: [
      ...toGrid('x', 'x1'),
      node('DequantizeLinear', ['w', 'ws', 'wz'], 'w1', { axis: i(1) }),
      node('DequantizeLinear', ['b', 'bs'], 'b1', { axis: i(0) }),
      node('Gemm', ['x1', 'w1', 'b1'], 'h'),
      node('Relu', ['h'], 'r'),
      ...toGrid('r', 'y'),
    ],
    modes: ['owned', 'shared'],
    rounding: 0.02,
  },
  'a range that cuts, moved while it is quantised': {
    inputs: { x: [2, 3] },
    constants: { s: scalar(1 / 256), z: zero(2, 100), s2: scalar(1 / 256), shape: ints(3, 2) },
    nodes: [
      node('QuantizeLinear', ['x', 's', 'z'], 'q'),
      node('Reshape', ['q', 'shape'], 'q2'),
      node('Transpose', ['q2'], 'q3', { perm: { ints: [1, 0] } }),
      node('DequantizeLinear', ['q3', 's2', 'z']),
    ],
    rounding: 0.004,
  },
  'a scale for each channel': {
    inputs: { x: [2, 3, 2] },
    constants: { s: floats(0.01, 0.02, 0.003), z: zeros(3, 3) },
    nodes: toGrid('x', 'y'),
    rounding: 0.011,
  },
  'weights quantised in the file': {
    inputs: { x: [2, 3] },
    constants: {
      s: scalar(1 / 32),
      z: zero(3, -3),
      w: { shape: [3, 2], data: [0.11, -0.52, 1 / 64, 3 / 64, 2, -5] },
    },
    nodes: [...toGrid('w', 'w1'), node('MatMul', ['x', 'w1'])],
  },
  QLinearConv: {
    inputs: { x: [1, 2, 4, 4] },
    constants: {
      ...grid,
      w: bytes(3, [3, 2, 3, 3]),
      ws: floats(0.01, 0.004, 0.02),
      wz: zeros(3, 3),
      ys: scalar(0.125),
      yz: zero(2, 120),
      b: int32(1000, -500, 0),
    },
    nodes: [
      node('QuantizeLinear', ['x', 's', 'z'], 'q'),
      node('QLinearConv', ['q', 's', 'z', 'w', 'ws', 'wz', 'ys', 'yz', 'b'], 'c', {
        pads: { ints: [1, 1, 0, 0] },
      }),
      node('DequantizeLinear', ['c', 'ys', 'yz']),
    ],
    rounding: 0.02,
  },
  QLinearMatMul: {
    inputs: { x: [2, 4] },
    constants: {
      ...grid,
      w: bytes(2, [4, 3]),
      ws: scalar(0.01),
      wz: zero(2, 110),
      ys: scalar(0.05),
      yz: zero(2, 128),
    },
    nodes: [
      node('QuantizeLinear', ['x', 's', 'z'], 'q'),
      node('QLinearMatMul', ['q', 's', 'z', 'w', 'ws', 'wz', 'ys', 'yz'], 'm'),
      node('DequantizeLinear', ['m', 'ys', 'yz']),
    ],
    rounding: 0.03,
  },
  'dynamic: MatMulInteger': {
    inputs: { x: [2, 4] },
    constants: { w: bytes(2, [4, 3]), ws: scalar(0.01), wz: zero(2, 110) },
    nodes: [
      node('DynamicQuantizeLinear', ['x'], ['q', 'qs', 'qz']),
      node('MatMulInteger', ['q', 'w', 'qz', 'wz'], 'm'),
      node('Cast', ['m'], 'f', { to: i(1) }),
      node('Mul', ['qs', 'ws'], 'scale'),
      node('Mul', ['f', 'scale']),
    ],
    rounding: 0.02,
  },
  'static: ConvInteger': {
    inputs: { x: [1, 2, 4, 4] },
    constants: { ...grid, w: bytes(2, [2, 2, 2, 2]), wz: zero(2, 110), scale: scalar(0.01 / 64) },
    nodes: [
      node('QuantizeLinear', ['x', 's', 'z'], 'q'),
      node('ConvInteger', ['q', 'w', 'z', 'wz'], 'c', {
        strides: { ints: [2, 2] },
        pads: { ints: [1, 0, 0, 1] },
      }),
      node('Cast', ['c'], 'f', { to: i(1) }),
      node('Mul', ['f', 'scale']),
    ],
    rounding: 0.02,
  },
};

describe('networks from files: quantised', () => {
  for (const [title, one] of Object.entries(CASES)) it(title, () => agrees(one));

  const build = (nodes: NodeSpec[], output: string, constants: Record<string, TensorSpec> = {}) => {
    const notes: string[] = [];
    const file = encodeModel({
      opset: 17,
      inputs: [{ name: 'x', shape: [2, 3] }],
      outputs: [{ name: output }],
      nodes,
      initializers: { ...grid, ...constants },
    });
    try {
      const graph = buildGraph(parseOnnx(file), { onNote: (note) => notes.push(note) });
      return { ops: graph.nodes.map(({ op }) => op), notes, reasons: '' };
    } catch (error) {
      if (!(error instanceof UnsupportedModelError)) throw error;
      return { ops: [], notes, reasons: error.issues.map(({ reason }) => reason).join() };
    }
  };

  it('keep one limit of what is limited already, and say what is not rounded', () => {
    const twice = build([node('Relu', ['x'], 'r'), ...toGrid('r', 'a'), ...toGrid('a', 'y')], 'y');
    expect(twice.ops.filter((op) => op !== 'Identity')).deep.equal(['Clip']);
    expect(twice.notes).deep.equal(['2 quantised values keep their limits and are not rounded']);
    expect(build([node('Tanh', ['x'], 't'), ...toGrid('t', 'y')], 'y').ops).not.include('Clip');
  });

  it('refuse integers where numbers are meant', () => {
    const [quantize] = toGrid('x', 'y') as [NodeSpec];
    expect(build([quantize], 'y.q').reasons).match(/output "y.q" is quantised/);
    expect(build([quantize, node('Relu', ['y.q'], 'r')], 'r').reasons).match(/"y.q" is quantised/);
    expect(build([quantize, node('Add', ['y.q', 'y.q'], 'r')], 'r').reasons).match(/"y.q" is quantised/);
    expect(
      build([quantize, node('Concat', ['y.q', 'c'], 'r', { axis: i(0) })], 'r', { c: bytes(2, [2, 3]) })
        .reasons,
    ).match(/not quantised alike/);
    const dynamic = [node('DynamicQuantizeLinear', ['x'], ['q', 'qs', 'qz'])];
    expect(build(dynamic, 'q').reasons).match(/output "q" is quantised/);
    expect(build(dynamic, 'qs').reasons).match(/output "qs" is part of a quantisation/);
    expect(build([node('QuantizeLinear', ['x', 'x'], 'q')], 'q').reasons).match(/the scale must be constant/);
  });
});
