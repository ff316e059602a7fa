/** Whether elements are no numbers, or infinite: never, of secrets, which are numbers in fixed point. */
import { map, plainTensor, sizeOf, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

/** The test of a constant; for secrets, zeros that broadcast as x does. */
function everywhere(context: NodeContext, test: (v: number) => boolean): Value {
  const x = context.input(0);
  if (x.kind === 'constant')
    return context.makeConstant(
      'found',
      map(x.tensor, (v) => (test(v) ? 1 : 0)),
      'bool',
    );
  const shape = context.shape(x).map((dim) => (typeof dim === 'number' ? dim : 1));
  return context.makeConstant('none', plainTensor(shape, new Float64Array(sizeOf(shape))), 'bool');
}

export const isNaNOnnx: OnnxOperator = {
  name: 'IsNaN',
  opsets: [9, ALL_OPSETS[1]],
  note: 'false of secrets, which are always numbers',
  convert: (context) => context.result(everywhere(context, Number.isNaN)),
};

export const isInfOnnx: OnnxOperator = {
  name: 'IsInf',
  opsets: [10, ALL_OPSETS[1]],
  note: 'detect_positive, detect_negative; false of secrets, which are always finite',
  convert(context) {
    const positive = context.int('detect_positive', 1) !== 0;
    const negative = context.int('detect_negative', 1) !== 0;
    context.result(everywhere(context, (v) => (positive && v === Infinity) || (negative && v === -Infinity)));
  },
};
