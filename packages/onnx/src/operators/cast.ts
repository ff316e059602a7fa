/** Conversion of element types. Secret numbers are fixed-point whatever their type: a cast to a float vanishes. */
import { map, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { type ElementKind, elementKind } from '../onnx-model.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import type { Quantized } from '../quantization.js';

export const castOnnx: OnnxOperator = {
  name: 'Cast',
  opsets: ALL_OPSETS,
  note: 'of secrets: between floating point types removed, to integers cut off towards zero, to bool whether it is not zero',
  convert(context) {
    context.ignore('saturate', 'round_mode');
    const x = context.input(0);
    const to = elementKind(context.int('to', 0));
    if (to === undefined) return context.fail(`to element type ${context.int('to', 0)}`);
    context.result(converted(context, x, to));
  },
};

export const castLikeOnnx: OnnxOperator = {
  name: 'CastLike',
  opsets: [15, ALL_OPSETS[1]],
  note: 'as Cast',
  convert(context) {
    context.ignore('saturate', 'round_mode');
    const like = context.input(1);
    const type = context.elementType(like);
    if (type !== undefined && elementKind(type) === undefined) context.fail(`to element type ${type}`);
    context.result(converted(context, context.input(0), like.type));
  },
};

/** The integers that quantised values are held for, without their rounding. */
function integers(context: NodeContext, { of, scale, zero }: Quantized): Value {
  const inverse = context.makeConstant(
    'inverse',
    map(scale, (v) => 1 / v),
  );
  const scaled = scale.data.every((v) => v === 1) ? of : context.emit('Mul', [of, inverse], {}, 'float');
  if (zero.data.every((v) => v === 0)) return scaled;
  return context.emit('Add', [scaled, context.makeConstant('zero', zero)], {}, 'float');
}

function converted(context: NodeContext, value: Value, to: ElementKind): Value {
  const quantized = context.quantized(value);
  if (quantized) {
    if (to !== 'float') context.fail('of quantised values to integers');
    return integers(context, quantized);
  }
  if (value.type === to) return value;
  // Integers are divided otherwise than floats.
  if (value.kind === 'secret' && to === 'float')
    return value.type === 'int' ? context.emit('Identity', [value], {}, 'float') : value;
  if (value.kind === 'secret' && to === 'bool')
    return context.emit('NotEqual', [value, zero(context)], {}, to);
  if (value.kind === 'secret') return whole(context, value);
  if (to === 'int' || to === 'bool') return context.emit('Cast', [value], { to }, to);
  if (value.kind === 'constant') return context.makeConstant('float', value.tensor, 'float');
  return context.emit('Identity', [value], {}, 'float');
}

const zero = (context: NodeContext): Value =>
  context.makeConstant('zero', { shape: [], data: Float64Array.of(0) });

/** Cut off towards zero; truth values are 0 and 1 already. */
function whole(context: NodeContext, value: Value): Value {
  if (value.type === 'bool') return context.emit('Identity', [value], {}, 'int');
  const size = context.emit('Floor', [context.emit('Abs', [value], {})], {});
  return context.emit('Mul', [size, context.emit('Sign', [value], {})], {}, 'int');
}
