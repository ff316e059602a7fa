/** x times the sigmoid of alpha x. */
import { MAX_OPSET, type OnnxOperator } from '../operator.js';

export const swishOnnx: OnnxOperator = {
  name: 'Swish',
  opsets: [24, MAX_OPSET],
  note: 'becomes Silu',
  convert(context) {
    const x = context.input(0);
    const alpha = context.float('alpha', 1);
    if (alpha === 1) return context.result(context.emit('Silu', [x], {}));
    // x s(a x) = (a x) s(a x) / a
    const constant = (name: string, value: number) =>
      context.makeConstant(name, { shape: [], data: Float64Array.of(value) });
    if (alpha === 0) return context.result(context.emit('Mul', [x, constant('half', 0.5)], {}));
    const silu = context.emit('Silu', [context.emit('Mul', [x, constant('alpha', alpha)], {})], {});
    context.result(context.emit('Mul', [silu, constant('inverse', 1 / alpha)], {}));
  },
};
