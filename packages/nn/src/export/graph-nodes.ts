/** Operations of graphs as nodes of ONNX: back to what a model file has. */
import { type Attributes, type ConcreteNode, type ConcreteOpName, definitionOf } from '@tacit/graph';
import { adaptivePool, gelu, windowAttributes } from './module-nodes.js';
import { EXPORT_OPSET, type OnnxDraft, type OnnxNodeDraft, type OnnxValue } from './onnx-draft.js';
import { alongChannels } from './shapes.js';

/** The node of an operation of the graph; `shape` is that of its result. */
type Writer<N extends ConcreteOpName> = (
  draft: OnnxDraft,
  inputs: readonly OnnxValue[],
  attributes: Attributes<N>,
  shape: readonly number[],
) => OnnxValue | undefined;

/** A node of the same inputs. */
const same =
  <N extends ConcreteOpName>(op: string): Writer<N> =>
  (draft, inputs, _attributes, shape) =>
    draft.add(op, inputs, {}, shape);

/** A node of the same input, along an axis. */
const along =
  <N extends ConcreteOpName>(op: string): Writer<N> =>
  (draft, inputs, attributes, shape) =>
    draft.add(op, inputs, { axis: { i: (attributes as unknown as { axis: number }).axis } }, shape);

/** A reduction, with axes as an attribute. */
const reduction =
  <N extends ConcreteOpName>(op: string): Writer<N> =>
  (draft, inputs, attributes, shape) => {
    const { axes, keepDims } = attributes as unknown as { axes: readonly number[]; keepDims: boolean };
    if (axes.length === 0) return draft.add('Identity', inputs, {}, shape);
    return draft.add(op, inputs, { axes: { ints: axes }, keepdims: { i: Number(keepDims) } }, shape);
  };

/** Sizes of a reshape: of an axis that stays, and of an open one, the file says no number, so that batches may differ. */
function target(draft: OnnxDraft, x: OnnxValue, shape: readonly number[]): OnnxValue {
  const [first, ...rest] = shape;
  if (shape.includes(0) || shape.length === 0) return draft.ints(shape);
  return draft.ints([first === x.shape?.[0] ? 0 : -1, ...rest]);
}

const reshaped = (draft: OnnxDraft, x: OnnxValue, shape: readonly number[]): OnnxValue =>
  draft.add('Reshape', [x, target(draft, x, shape)], shape.includes(0) ? { allowzero: { i: 1 } } : {}, shape);

interface WindowsOfGraph {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}
const windows = ({ kernel, strides, pads, dilations }: WindowsOfGraph) => ({
  ...windowAttributes({ kernel, stride: strides, pads }),
  dilations: { ints: dilations },
});

const WRITERS: { readonly [N in ConcreteOpName]?: Writer<N> } = {
  Sub: same('Sub'),
  Mul: same('Mul'),
  Max: same('Max'),
  Min: same('Min'),
  MatMul: same('MatMul'),
  Identity: same('Identity'),
  Sqrt: same('Sqrt'),
  Tanh: same('Tanh'),
  Concat: along('Concat'),
  Softmax: along('Softmax'),
  LogSoftmax: along('LogSoftmax'),
  Flatten: along('Flatten'),
  ReduceMean: reduction('ReduceMean'),
  ReduceMax: reduction('ReduceMax'),
  ReduceMin: reduction('ReduceMin'),
  ReduceProd: reduction('ReduceProd'),
  ReduceL1: reduction('ReduceL1'),
  ReduceL2: reduction('ReduceL2'),
  ReduceSumSquare: reduction('ReduceSumSquare'),
  ReduceLogSum: reduction('ReduceLogSum'),
  ReduceLogSumExp: reduction('ReduceLogSumExp'),
  ReduceSum: (draft, [x], { axes, keepDims }, shape) =>
    axes.length === 0
      ? draft.add('Identity', [x], {}, shape)
      : draft.add('ReduceSum', [x, draft.ints(axes)], { keepdims: { i: Number(keepDims) } }, shape),
  Div: (draft, inputs, { integer }, shape) =>
    integer ? draft.refuse('a division of whole numbers') : draft.add('Div', inputs, {}, shape),
  Linear: (draft, [x, weight, bias], _attributes, shape) => {
    if (x.shape?.length === 2) return draft.add('Gemm', [x, weight, bias], {}, shape);
    const y = draft.add('MatMul', [x, weight], {}, shape);
    return bias ? draft.add('Add', [y, bias], {}, shape) : y;
  },
  Affine: (draft, [x, scale, shift], { axis }, shape) => {
    const rank = Math.max(2, shape.length - axis + 1);
    const vector = (v: OnnxValue) => (v.shape?.[0] === 1 ? v : alongChannels(draft, v, rank));
    return draft.add('Add', [draft.add('Mul', [x, vector(scale)], {}, shape), vector(shift)], {}, shape);
  },
  BatchNormalization: (draft, inputs, { epsilon, momentum }) =>
    draft.add('BatchNormalization', inputs, { epsilon: { f: epsilon }, momentum: { f: 1 - momentum } }),
  Dropout: (draft, [x], { ratio }) => draft.add('Dropout', [x, draft.floats(ratio)]),
  Conv: (draft, inputs, attributes, shape) =>
    draft.add('Conv', inputs, { ...windows(attributes), group: { i: attributes.group } }, shape),
  ConvTranspose: (draft, inputs, attributes, shape) =>
    draft.add(
      'ConvTranspose',
      inputs,
      {
        ...windows(attributes),
        group: { i: attributes.group },
        output_padding: { ints: attributes.outputPadding },
      },
      shape,
    ),
  MaxPool: (draft, inputs, attributes, shape) =>
    draft.add(
      'MaxPool',
      inputs,
      { ...windows(attributes), ceil_mode: { i: Number(attributes.ceilMode) } },
      shape,
    ),
  AveragePool: (draft, inputs, attributes, shape) => {
    if (attributes.dilations.some((d) => d !== 1)) return draft.refuse('means of windows with gaps');
    const { dilations: _, ...own } = windows(attributes);
    const count = { i: Number(attributes.countIncludePad) };
    const ceil = { i: Number(attributes.ceilMode) };
    return draft.add('AveragePool', inputs, { ...own, ceil_mode: ceil, count_include_pad: count }, shape);
  },
  AdaptiveAveragePool: (draft, [x], { size }) => adaptivePool(draft, x, 'AveragePool', size)?.[0],
  AdaptiveMaxPool: (draft, [x], { size }) => adaptivePool(draft, x, 'MaxPool', size)?.[0],
  Reshape: (draft, [x], _attributes, shape) => reshaped(draft, x, shape),
  Transpose: (draft, inputs, { perm }, shape) =>
    draft.add('Transpose', inputs, { perm: { ints: perm } }, shape),
  Squeeze: (draft, [x], { axes }, shape) =>
    axes.length === 0
      ? draft.add('Identity', [x], {}, shape)
      : draft.add('Squeeze', [x, draft.ints(axes)], {}, shape),
  Unsqueeze: (draft, [x], { axes }, shape) => draft.add('Unsqueeze', [x, draft.ints(axes)], {}, shape),
  Expand: (draft, [x], _attributes, shape) => draft.add('Expand', [x, draft.ints(shape)], {}, shape),
  Slice: (draft, [x], { axes, starts, ends, steps }, shape) =>
    draft.add('Slice', [x, ...[starts, ends, axes, steps].map((list) => draft.ints(list))], {}, shape),
  Pad: (draft, [x], { pads, value }, shape) =>
    draft.add('Pad', [x, draft.ints(pads), draft.floats(value)], {}, shape),
  Extend: (draft, [x], { pads, mode }, shape) =>
    mode === 'wrap'
      ? draft.refuse("padding of the mode 'wrap'")
      : draft.add('Pad', [x, draft.ints(pads)], { mode: { s: mode } }, shape),
  Take: (draft, [x], { axis, indices, shape: own }, shape) => {
    const from = axis === null ? draft.add('Reshape', [x, draft.ints([-1])], {}, ['?']) : x;
    const index = own.length === 1 ? draft.ints(indices) : reshaped(draft, draft.ints(indices), own);
    return draft.add('Gather', [from, index], { axis: { i: axis ?? 0 } }, shape);
  },
  Lookup: (draft, [table, index], { oneHot }, shape) => {
    if (!oneHot) return draft.add('Gather', [table, draft.indices(index)], {}, shape);
    if (table.shape?.length !== 2) return draft.refuse('one-hot rows of a table that is no matrix');
    return draft.add('MatMul', [index, table], {}, shape);
  },
  Elu: (draft, [x], { alpha, gamma }) =>
    gamma === 1
      ? draft.add('Elu', [x], { alpha: { f: alpha } })
      : draft.add('Selu', [x], { alpha: { f: alpha }, gamma: { f: gamma } }),
  Clip: (draft, [x], { min, max }) => {
    const bound = (value: number | null) => (value === null ? undefined : draft.floats(value));
    return draft.add('Clip', [x, bound(min), bound(max)]);
  },
  Gelu: (draft, [x], { approximate }) => gelu(draft, x, approximate),
  Silu: (draft, [x]) => draft.add('Mul', [x, draft.add('Sigmoid', [x])]),
  Square: (draft, [x]) => draft.add('Mul', [x, x]),
  InvSqrt: (draft, [x]) => draft.add('Reciprocal', [draft.add('Sqrt', [x])]),
  Pow: (draft, [x], { exponent }) => draft.add('Pow', [x, draft.floats(exponent)]),
  Einsum: (draft, inputs, { equation }, shape) =>
    draft.add('Einsum', inputs, { equation: { s: equation } }, shape),
  Standardize: (draft, [x], { axes, epsilon }) => {
    const mean = (y: OnnxValue) =>
      draft.add('ReduceMean', [y], { axes: { ints: axes }, keepdims: { i: 1 } }, undefined);
    const centred = draft.add('Sub', [x, mean(x)]);
    const variance = mean(draft.add('Mul', [centred, centred]));
    const deviation = draft.add('Sqrt', [draft.add('Add', [variance, draft.floats(epsilon)])]);
    return draft.add('Div', [centred, deviation]);
  },
};

/** Whole numbers in ONNX. */
const INTEGERS = new Set(['blocksize']);

/** The operator that a definition names. */
function byForm(
  draft: OnnxDraft,
  { op, attributes }: ConcreteNode,
  inputs: readonly OnnxValue[],
  shape: readonly number[],
): OnnxValue | undefined {
  const { onnx } = definitionOf(op);
  if (!onnx || onnx.type === 'bool' || onnx.truths || (onnx.since ?? 0) > EXPORT_OPSET)
    return draft.refuse(`the operation ${op}`);
  const written: Record<string, OnnxNodeDraft['attributes'][string]> = {};
  for (const [own, [name]] of Object.entries(onnx.attributes ?? {})) {
    const value = (attributes as Readonly<Record<string, number>>)[own];
    written[name] = INTEGERS.has(name) ? { i: value } : { f: value };
  }
  return draft.add(onnx.name, inputs, written, shape);
}

/**
 * A node of a graph as nodes of ONNX.
 * @param draft model in the making
 * @param node node of a graph of known shapes
 * @param inputs its inputs
 * @param shape sizes of its output
 * @returns its output; undefined, with a reason, where ONNX has no such operation
 */
export function graphNode(
  draft: OnnxDraft,
  node: ConcreteNode,
  inputs: readonly OnnxValue[],
  shape: readonly number[],
): OnnxValue | undefined {
  const write = WRITERS[node.op] as Writer<ConcreteOpName> | undefined;
  if (!write) return byForm(draft, node, inputs, shape);
  const y = write(draft, inputs, node.attributes as Attributes<ConcreteOpName>, shape);
  return y && { ...y, shape };
}
