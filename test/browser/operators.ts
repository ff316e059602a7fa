/**
 * Models with many operators of ONNX side by side, each on inputs of its own: what the worker of a page is stripped of must
 * not be what one of them needs.
 */
import { allDefinitions } from '@tacit/graph';
import { exampleInputs } from '@tacit/testing/examples';
import type {
  AttributeValue,
  ModelSpec,
  NodeSpec,
  TensorSpec,
} from '../../packages/onnx/test/helpers/onnx-encoder.js';

/** Element types of ONNX. */
export const FLOAT = 1;
export const INT64 = 7;
const BOOL = 9;

interface Input {
  readonly shape: number[];
  readonly data: readonly number[];
  readonly type?: number;
}
interface Case {
  readonly op: string;
  readonly x: readonly Input[];
  readonly constants?: readonly (TensorSpec | undefined)[];
  readonly attributes?: Record<string, AttributeValue>;
  readonly outputs?: number;
  /** Element types of outputs that are not floats. */
  readonly types?: readonly number[];
}

/** Numbers within a range, the same at every run. */
function x(shape: number[], low = -2, high = 2): Input {
  const data = exampleInputs(
    { shapes: [shape], attributes: {}, range: [low, high] } as never,
    shape.length,
  )[0].data;
  return { shape, data: [...data] };
}
const ids = (shape: number[], ...data: number[]): Input => ({ shape, data, type: INT64 });
const w = (...shape: number[]): TensorSpec => ({ shape, data: x(shape).data });
const ints = (...data: number[]): TensorSpec => ({ type: INT64, shape: [data.length], data });
const int = (value: number): TensorSpec => ({ type: INT64, shape: [], data: [value] });
const floats = (...data: number[]): TensorSpec => ({ shape: [data.length], data });
const i = (value: number): AttributeValue => ({ i: value });
const f = (value: number): AttributeValue => ({ f: value });
const s = (value: string): AttributeValue => ({ s: value });
const list = (...values: number[]): AttributeValue => ({ ints: values });
const one = (
  op: string,
  input: Input,
  constants?: Case['constants'],
  attributes?: Case['attributes'],
): Case => ({
  op,
  x: [input],
  ...(constants && { constants }),
  ...(attributes && { attributes }),
});

/** Operators that are an operation of the registry as it is, on the first examples of it. */
export const direct: readonly Case[] = allDefinitions().flatMap(({ onnx, examples, publicOnly }) => {
  if (onnx === undefined || publicOnly) return [];
  const standard = Object.fromEntries(
    Object.entries(onnx.attributes ?? {}).map(([own, [, value]]) => [own, value]),
  );
  const usual = examples.filter(
    ({ shapes, attributes }) =>
      !shapes.flat().includes(0) && JSON.stringify(attributes) === JSON.stringify(standard),
  );
  return usual.slice(0, 2).map((example, n) => ({
    op: onnx.name,
    x: exampleInputs(example, n).map(({ shape, data }, at) =>
      onnx.truths?.includes(at)
        ? { shape: [...shape], data: [...data].map((value) => Number(value > 0.5)), type: BOOL }
        : { shape: [...shape], data: [...data] },
    ),
    ...(onnx.type === 'bool' && { types: [BOOL] }),
  }));
});

/** Operators that take code to read. */
export const read: readonly Case[] = [
  ...[0, 1, -1].map((axis) => one('Softmax', x([2, 3, 4]), [], { axis: i(axis) })),
  one('LogSoftmax', x([2, 5]), [], { axis: i(-1) }),
  one('Hardmax', x([2, 5]), [], { axis: i(-1) }),
  one('LayerNormalization', x([2, 3, 8]), [w(8), w(8)], { axis: i(-1) }),
  one('InstanceNormalization', x([2, 3, 4, 4]), [w(3), w(3)]),
  one('GroupNormalization', x([2, 4, 3, 3]), [w(4), w(4)], { num_groups: i(2) }),
  one('BatchNormalization', x([2, 3, 4, 4]), [w(3), w(3), w(3), floats(0.5, 1, 2)]),
  one('LpNormalization', x([3, 4]), [], { axis: i(1), p: i(2) }),
  one('Gelu', x([2, 6])),
  one('Gelu', x([2, 6]), [], { approximate: s('tanh') }),
  one('Elu', x([2, 6]), [], { alpha: f(0.7) }),
  one('Selu', x([2, 6])),
  one('Celu', x([2, 6])),
  one('Shrink', x([2, 6]), [], { lambd: f(0.4), bias: f(0.1) }),
  one('Clip', x([2, 6]), [
    { shape: [], data: [-1] },
    { shape: [], data: [0.5] },
  ]),
  one('Pow', x([5], 0.5, 2), [{ shape: [], data: [3] }]),
  one('Pow', x([5], 0.5, 2), [{ shape: [], data: [0.5] }]),
  { op: 'Div', x: [x([2, 4]), x([2, 4], 0.5, 3)] },
  one('Div', x([2, 4]), [{ shape: [], data: [3] }]),
  { op: 'Mul', x: [x([2, 4]), x([4])] },
  { op: 'Max', x: [x([2, 4]), x([4])] },
  { op: 'Min', x: [x([2, 4]), x([4]), x([1])] },
  { op: 'Mean', x: [x([2, 4]), x([4])] },
  { op: 'Sum', x: [x([2, 4]), x([4])] },
  ...[
    'ReduceL1',
    'ReduceL2',
    'ReduceMax',
    'ReduceMean',
    'ReduceMin',
    'ReduceSum',
    'ReduceSumSquare',
    'ReduceLogSumExp',
  ].map((op) => one(op, x([2, 3, 4]), [ints(1)], { keepdims: i(0) })),
  one('ReduceLogSum', x([2, 3], 0.5, 2), [ints(1)]),
  one('ReduceProd', x([2, 3], 0.5, 2), [ints(1)]),
  { op: 'ArgMax', x: [x([3, 5])], attributes: { axis: i(1) }, types: [INT64] },
  { op: 'ArgMin', x: [x([3, 5])], attributes: { axis: i(0), keepdims: i(0) }, types: [INT64] },
  { op: 'TopK', x: [x([3, 6])], constants: [ints(2)], outputs: 2, types: [FLOAT, INT64] },
  {
    op: 'TopK',
    x: [x([6, 2])],
    constants: [ints(3)],
    attributes: { axis: i(0), largest: i(0) },
    outputs: 2,
    types: [FLOAT, INT64],
  },
  one('CumSum', x([2, 5]), [int(1)], { reverse: i(1) }),
  one('Trilu', x([4, 4]), [int(1)], { upper: i(0) }),
  one('MatMul', x([2, 3, 4]), [w(4, 5)]),
  { op: 'MatMul', x: [x([2, 3, 4]), x([2, 4, 2])] },
  one('Gemm', x([3, 4]), [w(5, 4), w(5)], { transB: i(1), alpha: f(0.5) }),
  { op: 'Einsum', x: [x([2, 3, 4]), x([2, 4, 5])], attributes: { equation: s('bij,bjk->bik') } },
  one('Conv', x([1, 2, 6, 6]), [w(4, 2, 3, 3), w(4)], { pads: list(1, 1, 1, 1), strides: list(2, 2) }),
  one('Conv', x([1, 4, 6, 6]), [w(4, 1, 3, 3)], { group: i(4) }),
  one('Conv', x([1, 2, 9]), [w(3, 2, 3)], { dilations: list(2) }),
  one('ConvTranspose', x([1, 2, 4, 4]), [w(2, 3, 3, 3)], { strides: list(2, 2) }),
  one('MaxPool', x([1, 2, 6, 6]), [], {
    kernel_shape: list(3, 3),
    strides: list(2, 2),
    pads: list(1, 1, 1, 1),
  }),
  one('AveragePool', x([1, 2, 6, 6]), [], { kernel_shape: list(2, 2), strides: list(2, 2) }),
  one('LpPool', x([1, 2, 6, 6]), [], { kernel_shape: list(2, 2), strides: list(2, 2) }),
  one('DepthToSpace', x([1, 8, 2, 2]), [], { blocksize: i(2) }),
  one('SpaceToDepth', x([1, 2, 4, 4]), [], { blocksize: i(2) }),
  one('Resize', x([1, 2, 3, 3]), [undefined, floats(1, 1, 2, 2)]),
  one('Resize', x([1, 2, 4, 4]), [undefined, undefined, ints(1, 2, 7, 5)], { mode: s('linear') }),
  one('Resize', x([1, 1, 4, 4]), [undefined, floats(1, 1, 1.5, 1.5)], { mode: s('cubic') }),
  one('Pad', x([2, 3]), [ints(1, 0, 0, 2), { shape: [], data: [0.5] }]),
  one('Pad', x([1, 1, 4, 4]), [ints(0, 0, 1, 1, 0, 0, 1, 1)], { mode: s('reflect') }),
  one('Pad', x([3, 4]), [ints(1, 1, 1, 1)], { mode: s('edge') }),
  one('Slice', x([4, 5]), [ints(1, -1), ints(4, -5), ints(0, 1), ints(1, -2)]),
  { op: 'Split', x: [x([2, 6])], constants: [ints(2, 4)], attributes: { axis: i(1) }, outputs: 2 },
  { op: 'Concat', x: [x([2, 3]), x([2, 2])], attributes: { axis: i(1) } },
  one('Reshape', x([2, 6]), [ints(3, -1)]),
  one('Flatten', x([2, 3, 2]), []),
  one('Transpose', x([2, 3, 4]), [], { perm: list(2, 0, 1) }),
  one('Squeeze', x([2, 1, 3]), [ints(1)]),
  one('Unsqueeze', x([2, 3]), [ints(0)]),
  one('Expand', x([3, 1]), [ints(2, 3, 4)]),
  one('Tile', x([2, 3]), [ints(2, 2)]),
  one('Identity', x([2, 3])),
  one('Dropout', x([2, 3])),
  one('Gather', x([4, 3]), [ints(2, 0)]),
  one('GatherElements', x([3, 3]), [{ type: INT64, shape: [2, 3], data: [0, 1, 2, 2, 0, 0] }]),
  one('GatherND', x([3, 3]), [{ type: INT64, shape: [2, 2], data: [0, 1, 2, 2] }]),
  one('ScatterElements', x([3, 3]), [{ type: INT64, shape: [1, 3], data: [2, 0, 1] }, w(1, 3)]),
  one('ScatterND', x([4, 2]), [{ type: INT64, shape: [2, 1], data: [3, 1] }, w(2, 2)]),
  one('ReverseSequence', x([4, 2]), [ints(3, 2)]),
  {
    op: 'Where',
    x: [x([2, 3]), x([2, 3])].map((input, at) =>
      at === 0 ? { ...input, data: input.data.map((v) => Number(v > 0)), type: BOOL } : input,
    ),
    constants: [w(3)],
  },
  one('LSTM', x([3, 1, 4]), [w(1, 8, 4), w(1, 8, 2)], { hidden_size: i(2) }),
  one('GRU', x([3, 1, 4]), [w(1, 6, 4), w(1, 6, 2)], { hidden_size: i(2) }),
  one('RNN', x([3, 1, 4]), [w(1, 2, 4), w(1, 2, 2)], { hidden_size: i(2) }),
  one('GridSample', x([1, 1, 4, 4]), [{ shape: [1, 2, 2, 2], data: [-0.5, 0, 0.3, 0.2, 0.9, -0.9, 0, 0] }]),
];

/** Operators of indices that only the client knows. */
export const privateIndices: readonly Case[] = [
  { op: 'Gather', x: [ids([2, 3], 0, 4, 3, 1, 2, 0)], constants: [w(5, 6)] },
  { op: 'OneHot', x: [ids([4], 0, 3, -1, 2)], constants: [int(4), floats(-0.5, 2)] },
];

/** Both of these take their first input last, or their second first. */
const constantsFirst = (op: string, input: Input): boolean => op === 'Gather' && input.type === INT64;

/** A model of many operators, and what it is asked. */
export interface Merged {
  readonly spec: ModelSpec;
  readonly feeds: Readonly<Record<string, Input>>;
  /** The operator of an output. */
  readonly operators: ReadonlyMap<string, string>;
}

/**
 * One model of several cases.
 * @param cases each with its own inputs
 * @returns the model
 */
export function merged(cases: readonly Case[]): Merged {
  const feeds: Record<string, Input> = {};
  const operators = new Map<string, string>();
  const nodes: NodeSpec[] = [];
  const initializers: Record<string, TensorSpec> = {};
  const outputs: ModelSpec['outputs'] = [];
  for (const [
    n,
    { op, x: inputs, constants = [], attributes, outputs: count = 1, types },
  ] of cases.entries()) {
    const secret = inputs.map((input, at) => {
      feeds[`x${n}_${at}`] = input;
      return `x${n}_${at}`;
    });
    const fixed = constants.map((constant, at) => {
      if (constant === undefined) return '';
      initializers[`c${n}_${at}`] = constant;
      return `c${n}_${at}`;
    });
    const made = Array.from({ length: count }, (_, at) => `y${n}_${at}`);
    for (const [at, name] of made.entries()) {
      operators.set(name, op);
      outputs.push({ name, type: types?.[at] ?? FLOAT });
    }
    const names = constantsFirst(op, inputs[0]) ? [...fixed, ...secret] : [...secret, ...fixed];
    nodes.push({ op, inputs: names, outputs: made, ...(attributes && { attributes }) });
  }
  const inputs = Object.entries(feeds).map(([name, { shape, type }]) => ({
    name,
    shape,
    type: type ?? FLOAT,
  }));
  return { spec: { opset: 21, inputs, outputs, nodes, initializers }, feeds, operators };
}
