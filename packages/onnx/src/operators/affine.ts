/** BatchNormalization: scale and shift of each channel (in double precision, where the statistics are constant). */
import { at, mayEqual, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

/** Scale, B, mean and variance. */
type Vectors = readonly [scale: Value, shift: Value, mean: Value, variance: Value];

export const batchNormalizationOnnx: OnnxOperator = {
  name: 'BatchNormalization',
  opsets: ALL_OPSETS,
  note: 'folded into a neighbouring layer where statistics are constant, else Affine; training_mode; kept to be trained',
  convert(context) {
    const epsilon = context.float('epsilon', 1e-5);
    const momentum = context.float('momentum', 0.9);
    if (context.opset < 9 && context.int('spatial', 1) === 0) context.reject('spatial=0');
    const x = context.input(0);
    const vectors = [1, 2, 3, 4].map((index) => context.input(index)) as unknown as Vectors;
    const rank = context.rank(x);
    if (rank < 2) context.fail('the input has no channels');
    const lengths = vectors.map((vector) => context.shape(vector));
    const [first] = lengths;
    if (lengths.some((shape) => shape.length !== 1 || !mayEqual(at(shape, 0), at(first ?? [], 0))))
      context.fail('scale, B, mean and variance are not vectors of one length');
    const training = context.opset >= 14 && context.int('training_mode', 0) !== 0;
    const others = context.node.outputs.slice(1).some((name) => name !== '');
    if (context.trainable && !others && vectors.every(isStored)) {
      trained(context, x, vectors, epsilon, momentum);
      return;
    }
    if (training) {
      byOwnStatistics(context, x, vectors, epsilon, momentum);
      return;
    }
    const [scale, shift] = vectors.every(({ kind }) => kind === 'constant')
      ? known(context, vectors, epsilon)
      : computed(context, vectors, epsilon);
    context.result(context.emit('Affine', [x, scale, shift], { axis: 1 }));
  },
};

/** A vector that the file holds. */
const isStored = (value: Value): boolean =>
  value.kind === 'constant' || (value.kind === 'secret' && value.weight !== undefined);

/** As a layer with running statistics, which training changes. */
function trained(
  context: NodeContext,
  x: Value,
  [scale, shift, mean, variance]: Vectors,
  epsilon: number,
  momentum: number,
): void {
  if (context.constant(variance, 'the variance').data.some((value) => !(value + epsilon > 0)))
    context.fail('a variance is not positive');
  for (const value of [mean, variance]) context.asBuffer(value);
  const inputs = [x, scale, shift, mean, variance];
  // The file says how much of the statistics stays, and not how much is new.
  context.result(context.emit('BatchNormalization', inputs, { epsilon, momentum: 1 - momentum }));
}

/** Scale and shift by constant statistics. */
function known(context: NodeContext, vectors: Vectors, epsilon: number): readonly [Value, Value] {
  const [gamma, beta, mean, variance] = vectors.map(
    (vector) => context.constant(vector, 'a vector').data,
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  if (variance.some((value) => !(value + epsilon > 0))) context.fail('a variance is not positive');
  const scale = gamma.map((value, i) => value / Math.sqrt(at(variance, i) + epsilon));
  const shift = beta.map((value, i) => value - at(mean, i) * at(scale, i));
  const shape = [gamma.length];
  return [
    context.makeConstant('scale', { shape, data: scale }),
    context.makeConstant('shift', { shape, data: shift }),
  ];
}

/** Scale and shift where any of the vectors is secret. */
function computed(
  context: NodeContext,
  [gamma, beta, mean, variance]: Vectors,
  epsilon: number,
): readonly [Value, Value] {
  const constant = context.makeConstant('epsilon', { shape: [], data: Float64Array.of(epsilon) });
  const inverse = context.emit('InvSqrt', [context.emit('Add', [variance, constant], {})], {});
  const scale = context.emit('Mul', [inverse, gamma], {});
  return [scale, context.emit('Sub', [beta, context.emit('Mul', [mean, scale], {})], {})];
}

/** By the statistics of the input itself; the others move towards these. */
function byOwnStatistics(
  context: NodeContext,
  x: Value,
  [scale, shift, mean, variance]: Vectors,
  epsilon: number,
  momentum: number,
): void {
  const axes = context.shape(x).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const standard = context.emit('Standardize', [x], { axes, epsilon });
  context.result(context.emit('Affine', [standard, scale, shift], { axis: 1 }));
  const number = (name: string, value: number) =>
    context.makeConstant(name, { shape: [], data: Float64Array.of(value) });
  const moved = (old: Value, own: Value) =>
    context.emit(
      'Add',
      [
        context.emit('Mul', [own, number('rest', 1 - momentum)], {}),
        context.emit('Mul', [old, number('momentum', momentum)], {}),
      ],
      {},
    );
  const along = { axes, keepDims: false };
  if (context.node.outputs[1]) context.result(moved(mean, context.emit('ReduceMean', [x], along)), 1);
  if (context.node.outputs[2])
    context.result(moved(variance, context.emit('Variance', [x], { ...along, unbiased: false })), 2);
}
