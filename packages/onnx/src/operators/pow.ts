/** x to a constant integer power; 2 becomes Square. */
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { map, zip } from '../plain-tensor.js';
import { at } from '../shapes.js';

export const pow: GraphOperator<'Pow'> = {
  op: 'Pow',
  summary: 'x to a public integer power',
  attributes: { exponent: 'size' },
  arity: [1, 1],
  infer: (inputs) => at(inputs, 0),
  evaluate: (inputs, { exponent }) => map(at(inputs, 0), (x) => x ** exponent),
};

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
