/** x / y: on public values as it is (integers truncate towards zero); secret x by constant y as a product. */
import { map } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const divOnnx: OnnxOperator = {
  name: 'Div',
  opsets: ALL_OPSETS,
  note: '',
  convert(context) {
    const [x, y] = [context.input(0), context.input(1)];
    if (x.kind !== 'secret' && y.kind !== 'secret') {
      context.result(context.emit('Div', [x, y], { integer: x.type === 'int' }));
      return;
    }
    if (x.type === 'int') context.fail('integer division of secret data');
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
    context.result(context.emit('Mul', [x, inverse], {}));
  },
};
