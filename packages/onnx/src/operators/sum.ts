/** ONNX Sum and Mean: any number of values added up. */
import type { Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

function total(context: NodeContext): Value {
  let sum = context.input(0);
  for (let i = 1; i < context.inputCount; i++) sum = context.emit('Add', [sum, context.input(i)], {});
  return sum;
}

export const sumOnnx: OnnxOperator = {
  name: 'Sum',
  opsets: ALL_OPSETS,
  note: 'becomes Add',
  convert: (context) => context.result(total(context)),
};

export const meanOnnx: OnnxOperator = {
  name: 'Mean',
  opsets: ALL_OPSETS,
  note: 'becomes Add and Div',
  convert(context) {
    const count = context.makeConstant('count', { shape: [], data: Float64Array.of(context.inputCount) });
    context.result(context.emit('Div', [total(context), count], { integer: false }));
  },
};
