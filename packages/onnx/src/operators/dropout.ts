/** Dropout does nothing at inference. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const dropoutOnnx: OnnxOperator = {
  name: 'Dropout',
  opsets: ALL_OPSETS,
  note: 'removed; no training mode, no mask output',
  convert(context) {
    context.ignore('ratio', 'seed');
    const training = context.optional(2);
    if (training !== undefined && context.scalar(training, 'training_mode') !== 0)
      context.reject('training mode');
    context.result(context.input(0));
  },
};
