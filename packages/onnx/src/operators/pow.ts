/** x to a constant integer power; 2 becomes Square. */
import { zip } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const powOnnx: OnnxOperator = {
  name: 'Pow',
  opsets: ALL_OPSETS,
  note: 'constant integer exponent of at least 1; 2 becomes Square',
  convert(context) {
    const [x, y] = [context.input(0), context.input(1)];
    if (x.kind === 'constant') {
      const power = zip(x.tensor, context.constant(y, 'the exponent'), (base, exponent) => base ** exponent);
      context.result(context.makeConstant('power', power, x.type));
      return;
    }
    const exponent = context.scalar(y, 'the exponent');
    if (!Number.isInteger(exponent) || exponent < 1) context.fail(`the exponent is ${exponent}`);
    if (context.rank(y) > context.rank(x)) context.fail('the exponent has more dimensions than the base');
    if (exponent === 1) context.result(x);
    else if (exponent === 2) context.result(context.emit('Square', [x], {}));
    else context.result(context.emit('Pow', [x], { exponent }));
  },
};
