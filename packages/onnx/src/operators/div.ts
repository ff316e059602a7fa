/** x / y: on public values as it is (integers truncate towards zero); secret x by constant y as a product. */
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { map, zip } from '../plain-tensor.js';
import { at, broadcast } from '../shapes.js';

export const div: GraphOperator<'Div'> = {
  op: 'Div',
  summary: 'x / y of public values',
  attributes: { integer: 'bool' },
  arity: [2, 2],
  infer: (inputs) => broadcast(at(inputs, 0), at(inputs, 1)),
  evaluate: (inputs, { integer }) =>
    zip(at(inputs, 0), at(inputs, 1), (x, y) => (integer ? Math.trunc(x / y) : x / y)),
};

export const divOnnx: OnnxOperator = {
  name: 'Div',
  opsets: ALL_OPSETS,
  note: 'by a constant',
  convert(context) {
    const [x, y] = [context.input(0), context.input(1)];
    if (x.kind !== 'secret') {
      context.result(context.emit('Div', [x, y], { integer: x.type === 'int' }));
      return;
    }
    if (x.type === 'int') context.fail('integer division of secret data');
    const divisor = context.constant(y, 'the divisor');
    if (divisor.data.includes(0)) context.fail('the divisor is zero');
    const inverse = context.makeConstant(
      'inverse',
      map(divisor, (value) => 1 / value),
    );
    context.result(context.emit('Mul', [x, inverse], {}));
  },
};
