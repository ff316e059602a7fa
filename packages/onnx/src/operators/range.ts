/** start, start + delta, ... below limit; public. */
import { ModelShapeError } from '../errors.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { plainTensor } from '../plain-tensor.js';
import { at, UNKNOWN } from '../shapes.js';
import { MAX_PUBLIC_ELEMENTS } from './constant-of-shape.js';

function listRange(start: number, limit: number, delta: number): Float64Array {
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!(count <= MAX_PUBLIC_ELEMENTS))
    throw new ModelShapeError(`range from ${start} to ${limit} by ${delta}`);
  return Float64Array.from({ length: count }, (_, i) => start + i * delta);
}

export const range: GraphOperator<'Range'> = {
  op: 'Range',
  summary: 'start, start + delta, ... below limit; public',
  attributes: {},
  arity: [3, 3],
  infer: () => [UNKNOWN],
  evaluate(inputs) {
    const [start, limit, delta] = inputs.map((input) => at(input.data, 0));
    const data = listRange(start ?? 0, limit ?? 0, delta ?? 1);
    return plainTensor([data.length], data);
  },
};

export const rangeOnnx: OnnxOperator = {
  name: 'Range',
  opsets: [11, ALL_OPSETS[1]],
  note: 'public values only',
  convert(context) {
    const inputs = [context.input(0), context.input(1), context.input(2)];
    if (inputs.every((input) => input.kind === 'constant')) {
      const [start = 0, limit = 0, delta = 1] = inputs.map((input) => context.scalar(input, 'a bound'));
      const data = listRange(start, limit, delta);
      context.result(context.makeConstant('value', plainTensor([data.length], data), inputs[0]?.type));
    } else context.result(context.emit('Range', inputs, {}));
  },
};
