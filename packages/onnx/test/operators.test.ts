import { compareWithRuntime, numbers, OPSETS, size } from './helpers/compare.js';
import type { AttributeValue, ModelSpec, NodeSpec, TensorSpec } from './helpers/onnx-encoder.js';

type Attributes = Record<string, AttributeValue | undefined>;

interface Case {
  title: string;
  op: string;
  /** Shapes of secret inputs, called x0, x1, ... */
  x: number[][];
  /** Inputs in order: 'x0', '' or the name of a constant. */
  inputs?: (opset: number) => string[];
  constants?: Record<string, TensorSpec> | ((opset: number) => Record<string, TensorSpec>);
  attributes?: Attributes | ((opset: number) => Attributes);
  outputs?: number;
  from?: number;
}

const weight = (shape: number[], seed = 7): TensorSpec => ({ shape, data: numbers(size(shape), seed) });
const ints = (...data: (number | bigint)[]): TensorSpec => ({ type: 7, shape: [data.length], data });
const scalar = (value: number): TensorSpec => ({ shape: [], data: [value] });
const i = (value: number): AttributeValue => ({ i: value });
const list = (...values: number[]): AttributeValue => ({ ints: values });

/** Lists that moved from attributes to inputs at some opset. */
function moving(
  since: number,
  lists: Record<string, (number | bigint)[]>,
): Pick<Case, 'inputs' | 'constants' | 'attributes'> {
  return {
    inputs: (opset) => (opset < since ? ['x0'] : ['x0', ...Object.keys(lists)]),
    constants: (opset) =>
      opset < since
        ? {}
        : Object.fromEntries(Object.entries(lists).map(([key, values]) => [key, ints(...values)])),
    attributes: (opset) =>
      opset < since
        ? Object.fromEntries(Object.entries(lists).map(([key, values]) => [key, { ints: values }]))
        : {},
  };
}

const image = [2, 4, 7, 6];
const convCase = (title: string, attributes: Attributes, shape = [3, 4, 3, 2], x = image): Case => ({
  title: `Conv ${title}`,
  op: 'Conv',
  x: [x],
  inputs: () => ['x0', 'w', 'b'],
  constants: { w: weight(shape), b: weight([shape[0] ?? 0]) },
  attributes,
});
const poolCase = (title: string, op: string, attributes: Attributes, from = 7, x = image): Case => ({
  title: `${op} ${title}`,
  op,
  x: [x],
  attributes,
  from,
});

const CASES: Case[] = [
  ...['Relu', 'Tanh', 'Sigmoid', 'Exp', 'Neg', 'GlobalAveragePool', 'Identity'].map((op) => ({
    title: op,
    op,
    x: [image],
  })),
  ...['Add', 'Sub', 'Mul', 'MatMul'].map((op) => ({
    title: `${op} of secrets`,
    op,
    x: [
      [3, 4, 4],
      [4, 4],
    ],
  })),
  ...['Add', 'Sub', 'Mul', 'Div'].map((op) => ({
    title: `${op} by channel constants`,
    op,
    x: [[2, 4, 3, 3]],
    inputs: () => ['x0', 'w'],
    constants: { w: { shape: [4, 1, 1], data: [1, -2, 0.5, 4] } },
  })),
  {
    title: 'constant Sub secret',
    op: 'Sub',
    x: [[2, 3]],
    inputs: () => ['w', 'x0'],
    constants: { w: weight([3]) },
  },
  { title: 'Mul with itself', op: 'Mul', x: [[2, 3]], inputs: () => ['x0', 'x0'] },
  {
    title: 'Add that enlarges',
    op: 'Add',
    x: [[3, 1]],
    inputs: () => ['x0', 'w'],
    constants: { w: weight([2, 3, 4]) },
  },
  { title: 'Sum', op: 'Sum', x: [[2, 3], [3], [2, 1]], from: 8 },
  ...[1, 2, 3, 5].map((n) => ({
    title: `Pow ${n}`,
    op: 'Pow',
    x: [[2, 5]],
    inputs: () => ['x0', 'n'],
    constants: { n: scalar(n) },
  })),
  {
    title: 'Clip',
    op: 'Clip',
    x: [[2, 9]],
    inputs: (opset) => (opset < 11 ? ['x0'] : ['x0', 'min', 'max']),
    constants: (opset): Record<string, TensorSpec> =>
      opset < 11 ? {} : { min: scalar(-0.5), max: scalar(1) },
    attributes: (opset): Attributes => (opset < 11 ? { min: { f: -0.5 }, max: { f: 1 } } : {}),
  },
  {
    title: 'Clip from 0',
    op: 'Clip',
    x: [[2, 9]],
    inputs: (opset) => (opset < 11 ? ['x0'] : ['x0', 'min']),
    constants: (opset): Record<string, TensorSpec> => (opset < 11 ? {} : { min: scalar(0) }),
    attributes: (opset): Attributes => (opset < 11 ? { min: { f: 0 } } : {}),
  },
  {
    title: 'Dropout',
    op: 'Dropout',
    x: [[2, 3]],
    attributes: (opset) => (opset < 12 ? { ratio: { f: 0.4 } } : {}),
  },
  { title: 'Cast to float', op: 'Cast', x: [[2, 3]], attributes: { to: i(1) } },
  {
    title: 'Gemm plain',
    op: 'Gemm',
    x: [[3, 4]],
    inputs: () => ['x0', 'w', 'b'],
    constants: { w: weight([4, 5]), b: weight([5]) },
  },
  {
    title: 'Gemm transposed, scaled, scalar C',
    op: 'Gemm',
    x: [[4, 3]],
    inputs: () => ['x0', 'w', 'b'],
    constants: { w: weight([5, 4]), b: weight([1]) },
    attributes: { transA: i(1), transB: i(1), alpha: { f: 0.3 }, beta: { f: -2 } },
  },
  {
    title: 'Gemm with a matrix C',
    op: 'Gemm',
    x: [[3, 4]],
    inputs: () => ['x0', 'w', 'b'],
    constants: { w: weight([4, 5]), b: weight([3, 5]) },
    attributes: { beta: { f: 0.5 } },
  },
  {
    title: 'Gemm with a constant first factor',
    op: 'Gemm',
    x: [[4, 5]],
    inputs: () => ['w', 'x0', 'b'],
    constants: { w: weight([4, 3]), b: weight([5]) },
    attributes: { transA: i(1), alpha: { f: 2 } },
  },
  {
    title: 'Gemm of secrets',
    op: 'Gemm',
    x: [
      [3, 4],
      [5, 4],
      [3, 5],
    ],
    attributes: { transB: i(1), alpha: { f: 0.5 }, beta: { f: 3 } },
  },
  {
    title: 'Gemm without C',
    op: 'Gemm',
    x: [[3, 4]],
    inputs: () => ['x0', 'w'],
    constants: { w: weight([4, 5]) },
    from: 11,
  },
  ...(
    [
      [
        [2, 3, 4],
        [4, 5],
      ],
      [[4], [4, 5]],
      [[2, 3, 4], [4]],
      [[4], [4]],
      [
        [2, 3, 4],
        [2, 4, 2],
      ],
      [[4], [2, 4, 3]],
    ] as [number[], number[]][]
  ).flatMap(([a, b]) => [
    {
      title: `MatMul [${a}] x constant [${b}]`,
      op: 'MatMul',
      x: [a],
      inputs: () => ['x0', 'w'],
      constants: { w: weight(b) },
    },
    {
      title: `MatMul constant [${a}] x [${b}]`,
      op: 'MatMul',
      x: [b],
      inputs: () => ['w', 'x0'],
      constants: { w: weight(a) },
    },
  ]),
  {
    title: 'MatMul constant matrix x secret',
    op: 'MatMul',
    x: [[2, 4, 3]],
    inputs: () => ['w', 'x0'],
    constants: { w: weight([5, 4]) },
  },
  convCase('plain', {}),
  convCase('pads, strides, dilations', {
    kernel_shape: list(3, 2),
    pads: list(1, 0, 2, 1),
    strides: list(2, 1),
    dilations: list(1, 2),
  }),
  convCase('groups', { group: i(2), pads: list(1, 1, 1, 1) }, [6, 2, 3, 3]),
  convCase('depthwise', { group: i(4), auto_pad: { s: 'SAME_UPPER' }, strides: list(2, 2) }, [4, 1, 3, 2]),
  convCase('SAME_LOWER', { auto_pad: { s: 'SAME_LOWER' } }, [3, 4, 4, 2]),
  convCase('VALID', { auto_pad: { s: 'VALID' }, strides: list(2, 3) }),
  convCase('1-d', { pads: list(2, 1), strides: list(2) }, [3, 4, 3], [2, 4, 9]),
  ...['AveragePool', 'MaxPool'].flatMap((op) => [
    poolCase('plain', op, { kernel_shape: list(2, 2), strides: list(2, 2) }),
    poolCase('pads', op, { kernel_shape: list(3, 3), pads: list(1, 1, 2, 1), strides: list(2, 1) }),
    poolCase('SAME_UPPER', op, {
      kernel_shape: list(2, 3),
      auto_pad: { s: 'SAME_UPPER' },
      strides: list(2, 2),
    }),
    poolCase('SAME_LOWER', op, { kernel_shape: list(2, 2), auto_pad: { s: 'SAME_LOWER' } }),
    poolCase('1-d', op, { kernel_shape: list(3), strides: list(2), pads: list(1, 0) }, 7, [2, 3, 9]),
    poolCase('ceil_mode', op, { kernel_shape: list(3, 3), strides: list(2, 2), ceil_mode: i(1) }, 10),
    poolCase(
      'ceil_mode with pads',
      op,
      { kernel_shape: list(2, 2), strides: list(3, 3), pads: list(1, 1, 1, 1), ceil_mode: i(1) },
      10,
      [1, 2, 6, 5],
    ),
  ]),
  poolCase(
    'dilations',
    'MaxPool',
    { kernel_shape: list(2, 2), dilations: list(2, 3), pads: list(1, 1, 1, 1) },
    10,
  ),
  poolCase(
    'dilations',
    'AveragePool',
    { kernel_shape: list(2, 2), dilations: list(2, 3), pads: list(1, 1, 1, 1) },
    19,
  ),
  poolCase('count_include_pad', 'AveragePool', {
    kernel_shape: list(3, 3),
    pads: list(1, 1, 2, 1),
    strides: list(2, 1),
    count_include_pad: i(1),
  }),
  poolCase(
    'count_include_pad with ceil_mode',
    'AveragePool',
    {
      kernel_shape: list(3, 3),
      pads: list(1, 1, 1, 1),
      strides: list(3, 2),
      count_include_pad: i(1),
      ceil_mode: i(1),
    },
    10,
  ),
  {
    title: 'BatchNormalization',
    op: 'BatchNormalization',
    x: [image],
    inputs: () => ['x0', 's', 'b', 'm', 'v'],
    constants: {
      s: weight([4], 2),
      b: weight([4], 3),
      m: weight([4], 4),
      v: { shape: [4], data: [0.017, 1, 0.13, 7] },
    },
    attributes: { epsilon: { f: 1e-3 }, momentum: { f: 0.9 } },
  },
  {
    title: 'Pad',
    op: 'Pad',
    x: [[2, 3, 4]],
    inputs: (opset) => (opset < 11 ? ['x0'] : ['x0', 'pads', 'value']),
    constants: (opset): Record<string, TensorSpec> =>
      opset < 11 ? {} : { pads: ints(0, 1, 2, 1, 0, -1), value: scalar(0.5) },
    attributes: (opset): Attributes =>
      opset < 11 ? { pads: list(0, 1, 2, 1, 0, -1), value: { f: 0.5 }, mode: { s: 'constant' } } : {},
  },
  {
    title: 'Pad with axes',
    op: 'Pad',
    x: [[2, 3, 4]],
    inputs: () => ['x0', 'pads', '', 'axes'],
    constants: { pads: ints(1, 2, 3, 4), axes: ints(-1, 0) },
    from: 18,
  },
  ...[0, 1, 2, 4].map((axis) => ({
    title: `Flatten ${axis}`,
    op: 'Flatten',
    x: [image],
    attributes: { axis: i(axis) },
  })),
  { title: 'Flatten -1', op: 'Flatten', x: [image], attributes: { axis: i(-1) }, from: 11 },
  ...[[0, -1], [4, 0, 3, -1], [-1], [2, 2, 2, 42]].map((shape) => ({
    title: `Reshape to [${shape}]`,
    op: 'Reshape',
    x: [[4, 4, 7, 3]],
    inputs: () => ['x0', 's'],
    constants: { s: ints(...shape) },
  })),
  {
    title: 'Reshape allowzero',
    op: 'Reshape',
    x: [[4, 6]],
    inputs: () => ['x0', 's'],
    constants: { s: ints(8, 3) },
    attributes: { allowzero: i(1) },
    from: 14,
  },
  { title: 'Squeeze', op: 'Squeeze', x: [[1, 3, 1, 2]], ...moving(13, { axes: [0, 2] }) },
  { title: 'Squeeze all', op: 'Squeeze', x: [[1, 3, 1, 2]] },
  { title: 'Unsqueeze', op: 'Unsqueeze', x: [[3, 2]], ...moving(13, { axes: [0, 3] }) },
  {
    title: 'Unsqueeze from the end',
    op: 'Unsqueeze',
    x: [[3, 2]],
    ...moving(13, { axes: [-1, 1] }),
    from: 11,
  },
  { title: 'Transpose', op: 'Transpose', x: [[2, 3, 4]], attributes: { perm: list(2, 0, 1) } },
  { title: 'Transpose without perm', op: 'Transpose', x: [[2, 3, 4]] },
  {
    title: 'Concat',
    op: 'Concat',
    x: [
      [2, 3, 2],
      [2, 1, 2],
      [2, 4, 2],
    ],
    attributes: { axis: i(1) },
  },
  {
    title: 'Concat with a constant',
    op: 'Concat',
    x: [[2, 3]],
    inputs: () => ['w', 'x0'],
    constants: { w: weight([2, 2]) },
    attributes: { axis: i(-1) },
    from: 11,
  },
  {
    title: 'Slice',
    op: 'Slice',
    x: [[5, 6, 7]],
    ...moving(10, { starts: [1, -3], ends: [4, 9007199254740993n], axes: [0, 2] }),
  },
  {
    title: 'Slice without axes',
    op: 'Slice',
    x: [[5, 6]],
    ...moving(10, { starts: [1, 0], ends: [-1, 2 ** 31] }),
  },
  {
    title: 'Slice with steps',
    op: 'Slice',
    x: [[5, 9]],
    inputs: () => ['x0', 's', 'e', 'a', 't'],
    constants: { s: ints(0, 1), e: ints(5, 100), a: ints(-2, -1), t: ints(2, 3) },
    from: 10,
  },
  {
    title: 'Split along an axis',
    op: 'Split',
    x: [[4, 6]],
    outputs: 2,
    inputs: (opset) => (opset < 13 ? ['x0'] : ['x0', 'split']),
    constants: (opset): Record<string, TensorSpec> => (opset < 13 ? {} : { split: ints(2, 4) }),
    attributes: (opset) => ({ axis: i(1), split: opset < 13 ? list(2, 4) : undefined }),
  },
  {
    title: 'Split equally',
    op: 'Split',
    x: [[6, 2]],
    outputs: 3,
    attributes: (opset): Attributes => (opset < 18 ? {} : { num_outputs: i(3) }),
  },
  { title: 'ReduceMean', op: 'ReduceMean', x: [[2, 3, 4]], ...moving(18, { axes: [0, 2] }) },
  { title: 'ReduceSum', op: 'ReduceSum', x: [[2, 3, 4]], ...moving(13, { axes: [1] }) },
  ...['ReduceMean', 'ReduceSum'].map((op) => ({
    title: `${op} of all, without dimensions`,
    op,
    x: [[2, 3, 4]],
    attributes: { keepdims: i(0) },
  })),
  {
    title: 'ReduceSum of nothing',
    op: 'ReduceSum',
    x: [[2, 3]],
    attributes: { noop_with_empty_axes: i(1) },
    from: 13,
  },
  ...[0, -1].map((index) => ({
    title: `Gather ${index} of secret data`,
    op: 'Gather',
    x: [[2, 3, 4]],
    inputs: () => ['x0', 'n'],
    constants: { n: { type: 7, shape: [], data: [index] } },
    attributes: { axis: i(1) },
    from: index < 0 ? 11 : 7,
  })),
  {
    title: 'Gather of several',
    op: 'Gather',
    x: [[2, 3, 4]],
    inputs: () => ['x0', 'n'],
    constants: { n: ints(2, 0, 2) },
    attributes: { axis: i(2) },
  },
];

function toModel(test: Case, opset: number): ModelSpec {
  const constants = typeof test.constants === 'function' ? test.constants(opset) : test.constants;
  const attributes = typeof test.attributes === 'function' ? test.attributes(opset) : test.attributes;
  const names = test.x.map((_, index) => `x${index}`);
  const outputs = Array.from({ length: test.outputs ?? 1 }, (_, index) => `y${index}`);
  const node: NodeSpec = { op: test.op, inputs: test.inputs?.(opset) ?? names, outputs };
  if (attributes !== undefined) node.attributes = attributes;
  return {
    opset,
    inputs: test.x.map((shape, index) => ({ name: `x${index}`, shape })),
    outputs: outputs.map((name) => ({ name })),
    nodes: [node],
    ...(constants && { initializers: constants }),
  };
}

describe('onnx: operators against onnxruntime, opsets 7 to 24', () => {
  for (const test of CASES)
    it(test.title, async () => {
      const inputs = Object.fromEntries(test.x.map((shape, index) => [`x${index}`, shape]));
      for (const opset of OPSETS.filter((version) => version >= (test.from ?? 7)))
        try {
          await compareWithRuntime(toModel(test, opset), inputs);
        } catch (cause) {
          throw new Error(`opset ${opset}: ${(cause as Error).message}`, { cause });
        }
    });
});
