/** x / y: on public values as it is (integers truncate towards zero); secret x by constant y as a product, which is rounded for integers. */
import { map } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { truncatedRemainder } from './mod.js';

export const divOnnx: OnnxOperator = {
  name: 'Div',
  opsets: ALL_OPSETS,
  note: 'of secret integers by constants, for quotients below 2^15',
  convert(context) {
    const [x, y] = [context.input(0), context.input(1)];
    if (x.kind !== 'secret' && y.kind !== 'secret') {
      context.result(context.emit('Div', [x, y], { integer: x.type === 'int' }));
      return;
    }
    const integer = x.type === 'int';
    if (integer && y.kind !== 'constant')
      context.fail('integer division by what is not constant, of secret data');
    if (y.kind !== 'constant') {
      context.result(context.emit('Div', [x, y], { integer: false }));
      return;
    }
    const divisor = y.tensor;
    if (divisor.data.includes(0)) context.fail('the divisor is zero');
    const inverse = context.makeConstant(
      'inverse',
      map(divisor, (value) => 1 / value),
    );
    if (!integer) {
      context.result(context.emit('Mul', [x, inverse], {}));
      return;
    }
    // The product of a multiple of y is off by less than a half, however large the quotient.
    const rest = truncatedRemainder(context, x, map(divisor, Math.abs));
    const whole = context.emit('Sub', [x, rest], {});
    context.result(context.emit('Round', [context.emit('Mul', [whole, inverse], {}, 'float')], {}, 'int'));
  },
};
