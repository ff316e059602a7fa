/** x to a power; 2 becomes Square. */
import { zip } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const powOnnx: OnnxOperator = {
  name: 'Pow',
  opsets: ALL_OPSETS,
  note: 'by a number; by a tensor as exp(y log(x)), for x > 0; 2 becomes Square',
  convert(context) {
    const [x, y] = [context.input(0), context.input(1)];
    if (x.kind === 'constant' && y.kind === 'constant') {
      const power = zip(x.tensor, y.tensor, (base, exponent) => base ** exponent);
      context.result(context.makeConstant('power', power, x.type));
      return;
    }
    const alone =
      y.kind === 'constant' && y.tensor.data.length === 1 && context.rank(y) <= context.rank(x)
        ? y.tensor.data[0]
        : undefined;
    if (alone === undefined)
      context.result(context.emit('Exp', [context.emit('Mul', [context.emit('Log', [x], {}), y], {})], {}));
    else if (alone === 1) context.result(x);
    else if (alone === 2) context.result(context.emit('Square', [x], {}));
    else context.result(context.emit('Pow', [x], { exponent: alone }));
  },
};
