/** ONNX Sum: any number of values added up. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const sumOnnx: OnnxOperator = {
  name: 'Sum',
  opsets: ALL_OPSETS,
  note: 'becomes Add',
  convert(context) {
    let total = context.input(0);
    for (let i = 1; i < context.inputCount; i++) total = context.emit('Add', [total, context.input(i)], {});
    context.result(total);
  },
};
