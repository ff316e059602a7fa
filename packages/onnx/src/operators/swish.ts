/** x times the sigmoid of alpha x, and as a gate. */
import type { Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { MAX_OPSET, type OnnxOperator } from '../operator.js';

export const swishOnnx: OnnxOperator = {
  name: 'Swish',
  opsets: [24, MAX_OPSET],
  note: 'becomes Silu',
  convert: (context) => context.result(swish(context, context.input(0))),
};

/** Swish of the first input, times the second. */
export const swiGluOnnx: OnnxOperator = {
  name: 'SwiGLU',
  opsets: [28, MAX_OPSET],
  note: 'becomes Silu and Mul',
  convert(context) {
    context.result(context.emit('Mul', [swish(context, context.input(0)), context.input(1)], {}));
  },
};

function swish(context: NodeContext, x: Value): Value {
  const alpha = context.float('alpha', 1);
  if (alpha === 1) return context.emit('Silu', [x], {});
  // x s(a x) = (a x) s(a x) / a
  const constant = (name: string, value: number) =>
    context.makeConstant(name, { shape: [], data: Float64Array.of(value) });
  if (alpha === 0) return context.emit('Mul', [x, constant('half', 0.5)], {});
  const silu = context.emit('Silu', [context.emit('Mul', [x, constant('alpha', alpha)], {})], {});
  return context.emit('Mul', [silu, constant('inverse', 1 / alpha)], {});
}
