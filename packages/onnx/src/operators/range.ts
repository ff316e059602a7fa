/** start, start + delta, ... below limit; public. */
import { listRange, plainTensor } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const rangeOnnx: OnnxOperator = {
  name: 'Range',
  opsets: [11, ALL_OPSETS[1]],
  note: 'public values only',
  convert(context) {
    // Public values are computed in double precision.
    context.ignore('stash_type');
    const inputs = [context.input(0), context.input(1), context.input(2)];
    if (inputs.every((input) => input.kind === 'constant')) {
      const [start = 0, limit = 0, delta = 1] = inputs.map((input) => context.scalar(input, 'a bound'));
      const data = listRange(start, limit, delta);
      context.result(context.makeConstant('value', plainTensor([data.length], data), inputs[0]?.type));
    } else context.result(context.emit('Range', inputs, {}));
  },
};
