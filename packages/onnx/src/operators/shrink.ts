/** x moved towards zero by `bias`, and 0 for |x| up to `lambd`. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const shrinkOnnx: OnnxOperator = {
  name: 'Shrink',
  opsets: [9, ALL_OPSETS[1]],
  note: 'lambd, bias; becomes comparisons and Mul',
  convert(context) {
    const x = context.input(0);
    const [limit, bias] = [context.float('lambd', 0.5), context.float('bias', 0)];
    if (!(limit >= 0)) context.fail(`lambd is ${limit}`);
    const constant = (name: string, value: number) =>
      context.makeConstant(name, { shape: [], data: Float64Array.of(value) });
    const above = context.emit('Greater', [x, constant('limit', limit)], {}, 'float');
    const below = context.emit('Less', [x, constant('limit', -limit)], {}, 'float');
    const outside = context.emit('Mul', [x, context.emit('Add', [above, below], {})], {});
    if (bias === 0) return context.result(outside);
    const sides = context.emit('Sub', [below, above], {});
    const moved = context.emit('Mul', [sides, constant('bias', bias)], {});
    context.result(context.emit('Add', [outside, moved], {}));
  },
};
