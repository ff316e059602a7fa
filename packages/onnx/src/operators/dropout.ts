/** Dropout does nothing at inference. */
import { isNumeric, sizeOf } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const dropoutOnnx: OnnxOperator = {
  name: 'Dropout',
  opsets: ALL_OPSETS,
  note: 'removed, or kept to be trained; no training mode otherwise, unless its ratio is 0',
  convert(context) {
    context.ignore('seed');
    const x = context.input(0);
    const [rate, training] = context.opset < 12 ? [] : [context.optional(1), context.optional(2)];
    if (context.trainable) {
      const ratio = rate === undefined ? context.float('ratio', 0.5) : context.scalar(rate, 'the ratio');
      if (training !== undefined) context.scalar(training, 'training_mode');
      return context.result(context.emit('Dropout', [x], { ratio }));
    }
    context.ignore('ratio');
    if (training !== undefined && context.scalar(training, 'training_mode') !== 0)
      if (rate === undefined || context.scalar(rate, 'the ratio') !== 0) context.reject('training mode');
    context.result(x);
    const shape = context.shape(x);
    if (context.node.outputs.length > 1 && isNumeric(shape)) {
      // Zeros, as onnxruntime has it, until operator set 12 said that nothing is dropped where the mask is true.
      const mask = { shape, data: new Float64Array(sizeOf(shape)).fill(context.opset < 12 ? 0 : 1) };
      context.result(context.makeConstant('mask', mask, context.opset < 10 ? x.type : 'bool'), 1);
    }
  },
};
