/** Normalisation by the statistics of the input itself. */
import type { Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, MAX_OPSET, type OnnxOperator } from '../operator.js';
import { sizesOf } from './shape.js';

const from = (axis: number, rank: number): number[] =>
  Array.from({ length: rank - axis }, (_, i) => axis + i);

/** 1 / sqrt(variance + epsilon), with the axes as ones. */
function inverseDeviation(context: NodeContext, x: Value, axes: readonly number[], epsilon: number): Value {
  const variance = context.emit('Variance', [x], { axes, keepDims: true, unbiased: false });
  const constant = context.makeConstant('epsilon', { shape: [], data: Float64Array.of(epsilon) });
  return context.emit('InvSqrt', [context.emit('Add', [variance, constant], {})], {});
}

/** Scale and shift of each channel. */
function perChannel(context: NodeContext, x: Value, scale: Value, shift: Value): Value {
  if ([scale, shift].some((vector) => context.rank(vector) !== 1))
    context.fail('scale and bias are not vectors');
  return context.emit('Affine', [x, scale, shift], { axis: 1 });
}

export const layerNormalizationOnnx: OnnxOperator = {
  name: 'LayerNormalization',
  opsets: [17, MAX_OPSET],
  note: 'becomes Standardize, Mul and Add',
  convert(context) {
    const x = context.input(0);
    const rank = context.rank(x);
    const [axis] = context.axes([context.int('axis', -1)], rank);
    const epsilon = context.float('epsilon', 1e-5);
    context.ignore('stash_type');
    const axes = from(axis, rank);
    if (context.node.outputs[1]) context.result(context.emit('ReduceMean', [x], { axes, keepDims: true }), 1);
    if (context.node.outputs[2]) context.result(inverseDeviation(context, x, axes, epsilon), 2);
    const standard = context.emit('Standardize', [x], { axes, epsilon });
    const scaled = context.emit('Mul', [standard, context.input(1)], {});
    const shift = context.optional(2);
    context.result(shift === undefined ? scaled : context.emit('Add', [scaled, shift], {}));
  },
};

export const instanceNormalizationOnnx: OnnxOperator = {
  name: 'InstanceNormalization',
  opsets: ALL_OPSETS,
  note: 'becomes Standardize and Affine',
  convert(context) {
    const x = context.input(0);
    const rank = context.rank(x);
    if (rank < 3) context.fail('the input has no image');
    const epsilon = context.float('epsilon', 1e-5);
    const standard = context.emit('Standardize', [x], { axes: from(2, rank), epsilon });
    context.result(perChannel(context, standard, context.input(1), context.input(2)));
  },
};

/** Scale and bias are given for each group until operator set 20, for each channel since. */
export const groupNormalizationOnnx: OnnxOperator = {
  name: 'GroupNormalization',
  opsets: [18, MAX_OPSET],
  note: 'becomes Standardize and Affine',
  convert(context) {
    const x = context.input(0);
    const [, channels] = context.shape(x);
    const groups = context.int('num_groups', 0);
    const epsilon = context.float('epsilon', 1e-5);
    context.ignore('stash_type');
    if (typeof channels !== 'number' || !(groups >= 1) || channels % groups !== 0)
      context.fail(`${groups} groups of ${channels} channels`);
    const grouped = context.emit('Reshape', [x], { shape: [0, groups, -1], allowZero: false });
    const standard = context.emit('Standardize', [grouped], { axes: [2], epsilon });
    const [scale, shift] = [context.input(1), context.input(2)];
    const byGroup = context.opset < 21;
    const inner = byGroup ? perChannel(context, standard, scale, shift) : standard;
    const shape = sizesOf(context, x);
    const back = context.emit('Reshape', [inner], { shape, allowZero: true });
    context.result(byGroup ? back : perChannel(context, back, scale, shift));
  },
};

export const meanVarianceNormalizationOnnx: OnnxOperator = {
  name: 'MeanVarianceNormalization',
  opsets: [9, MAX_OPSET],
  note: 'becomes Standardize',
  convert(context) {
    const x = context.input(0);
    const axes = context.axes(context.ints('axes') ?? [0, 2, 3], context.rank(x));
    context.result(context.emit('Standardize', [x], { axes, epsilon: 1e-9 }));
  },
};

/** x over the root of its mean square. */
export const rmsNormalizationOnnx: OnnxOperator = {
  name: 'RMSNormalization',
  opsets: [23, MAX_OPSET],
  note: 'becomes Square, ReduceMean, InvSqrt and Mul',
  convert(context) {
    const x = context.input(0);
    const rank = context.rank(x);
    const [axis] = context.axes([context.int('axis', -1)], rank);
    const epsilon = context.float('epsilon', 1e-5);
    context.ignore('stash_type');
    const along = { axes: from(axis, rank), keepDims: true };
    const mean = context.emit('ReduceMean', [context.emit('Square', [x], {})], along);
    const constant = context.makeConstant('epsilon', { shape: [], data: Float64Array.of(epsilon) });
    const inverse = context.emit('InvSqrt', [context.emit('Add', [mean, constant], {})], {});
    const standard = context.emit('Mul', [x, inverse], {});
    context.result(context.emit('Mul', [standard, context.input(1)], {}));
  },
};

/** x over its norm along an axis. */
export const lpNormalizationOnnx: OnnxOperator = {
  name: 'LpNormalization',
  opsets: ALL_OPSETS,
  note: 'p of 1 or 2',
  convert(context) {
    const x = context.input(0);
    const [axis] = context.axes([context.int('axis', -1)], context.rank(x));
    const p = context.int('p', 2);
    if (p !== 1 && p !== 2) context.fail(`p is ${p}`);
    const along = { axes: [axis], keepDims: true };
    const norm = context.emit(p === 1 ? 'ReduceL1' : 'ReduceL2', [x], along);
    context.result(context.emit('Div', [x, norm], { integer: false }));
  },
};

/** x / (bias + alpha / size sum of squares of neighbouring channels)^beta */
export const lrnOnnx: OnnxOperator = {
  name: 'LRN',
  opsets: ALL_OPSETS,
  note: 'beta of 1/2, 3/4 or 1',
  convert(context) {
    const x = context.input(0);
    const [, channels] = context.shape(x);
    const rank = context.rank(x);
    if (typeof channels !== 'number' || rank < 3) return context.fail('the input has no known channels');
    const size = context.int('size', 0);
    const [alpha, beta, bias] = [
      context.float('alpha', 1e-4),
      context.float('beta', 0.75),
      context.float('bias', 1),
    ];
    if (![0.5, 0.75, 1].includes(beta)) context.fail(`beta is ${beta}`);
    // Channels from c - floor((size - 1) / 2) to c + ceil((size - 1) / 2): a product with a band matrix.
    const before = Math.floor((size - 1) / 2);
    const after = Math.ceil((size - 1) / 2);
    const band = Float64Array.from({ length: channels * channels }, (_, i) => {
      const distance = (i % channels) - Math.floor(i / channels);
      return distance >= -before && distance <= after ? alpha / size : 0;
    });
    const matrix = context.makeConstant('band', { shape: [channels, channels], data: band });
    const squares = context.emit('Square', [x], {});
    const rows = context.emit('Reshape', [squares], { shape: [0, 0, -1], allowZero: false });
    const sums = context.emit('MatMul', [matrix, rows], {});
    const shape = sizesOf(context, x);
    const back = context.emit('Reshape', [sums], { shape, allowZero: true });
    const constant = context.makeConstant('bias', { shape: [], data: Float64Array.of(bias) });
    const base = context.emit('Add', [back, constant], {});
    if (beta === 1) return context.result(context.emit('Div', [x, base], { integer: false }));
    const root = context.emit('InvSqrt', [base], {});
    if (beta === 0.5) return context.result(context.emit('Mul', [x, root], {}));
    // base^(-3/4) = base^(-1/2) sqrt(base^(-1/2))
    const power = context.emit('Mul', [root, context.emit('Sqrt', [root], {})], {});
    context.result(context.emit('Mul', [x, power], {}));
  },
};
