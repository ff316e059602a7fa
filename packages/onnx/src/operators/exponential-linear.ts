/** Exponential linear units, with their scales. */
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, MAX_OPSET, type OnnxOperator } from '../operator.js';

const constant = (context: NodeContext, name: string, value: number) =>
  context.makeConstant(name, { shape: [], data: Float64Array.of(value) });

export const eluOnnx: OnnxOperator = {
  name: 'Elu',
  opsets: ALL_OPSETS,
  note: '',
  convert(context) {
    const alpha = context.float('alpha', 1);
    context.result(context.emit('Elu', [context.input(0)], { alpha, gamma: 1 }));
  },
};

export const seluOnnx: OnnxOperator = {
  name: 'Selu',
  opsets: ALL_OPSETS,
  note: 'becomes Elu',
  convert(context) {
    const alpha = context.float('alpha', 1.6732632423543772);
    const gamma = context.float('gamma', 1.0507009873554805);
    context.result(context.emit('Elu', [context.input(0)], { alpha, gamma }));
  },
};

/** alpha elu(x / alpha) */
export const celuOnnx: OnnxOperator = {
  name: 'Celu',
  opsets: [12, MAX_OPSET],
  note: 'becomes Elu',
  convert(context) {
    const alpha = context.float('alpha', 1);
    if (alpha === 0) context.fail('alpha is 0');
    const x = context.input(0);
    if (alpha === 1) context.result(context.emit('Elu', [x], { alpha, gamma: 1 }));
    else {
      const inner = context.emit('Mul', [x, constant(context, 'inverse', 1 / alpha)], {});
      const elu = context.emit('Elu', [inner], { alpha: 1, gamma: 1 });
      context.result(context.emit('Mul', [elu, constant(context, 'alpha', alpha)], {}));
    }
  },
};
