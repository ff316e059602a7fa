/** Operators of any number of inputs, combined from left to right. */
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

function combined(context: NodeContext, op: 'Add' | 'Max' | 'Min') {
  let value = context.input(0);
  for (let i = 1; i < context.inputCount; i++) value = context.emit(op, [value, context.input(i)], {});
  return value;
}

const variadic = (name: string, op: 'Add' | 'Max' | 'Min'): OnnxOperator => ({
  name,
  opsets: ALL_OPSETS,
  note: op === name ? '' : `becomes ${op}`,
  convert: (context) => context.result(combined(context, op)),
});

export const sumOnnx = variadic('Sum', 'Add');
export const maxOnnx = variadic('Max', 'Max');
export const minOnnx = variadic('Min', 'Min');

export const meanOnnx: OnnxOperator = {
  name: 'Mean',
  opsets: ALL_OPSETS,
  note: 'becomes Add and Div',
  convert(context) {
    const sum = combined(context, 'Add');
    const count = context.makeConstant('count', { shape: [], data: Float64Array.of(context.inputCount) });
    context.result(context.inputCount === 1 ? sum : context.emit('Div', [sum, count], { integer: false }));
  },
};
