/** Trigonometric functions of constants (position embeddings are made of them); hyperbolic ones of secrets, too. */
import { map, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

type Compose = (context: NodeContext, x: Value, constant: (value: number) => Value) => Value;

const elementwise = (
  name: string,
  since: number,
  plain: (x: number) => number,
  note: string,
  compose?: Compose,
): OnnxOperator => ({
  name,
  opsets: [since, ALL_OPSETS[1]],
  note,
  convert(context) {
    const x = context.input(0);
    if (x.kind === 'constant') {
      context.result(context.makeConstant('value', map(x.tensor, plain), x.type));
      return;
    }
    context.shape(x);
    if (compose === undefined || x.kind === 'public') return context.fail('is possible on constants only');
    const constant = (value: number) =>
      context.makeConstant('number', { shape: [], data: Float64Array.of(value) });
    context.result(compose(context, x, constant));
  },
});

const CONSTANTS = 'constants only';

/** (e^x + sign e^-x) / 2 */
const exponentials =
  (op: 'Add' | 'Sub'): Compose =>
  (context, x, constant) => {
    const rising = context.emit('Exp', [x], {});
    const falling = context.emit('Exp', [context.emit('Neg', [x], {})], {});
    return context.emit('Mul', [context.emit(op, [rising, falling], {}), constant(0.5)], {});
  };

/** log(x + sqrt(x^2 + shift)) */
const logarithm =
  (shift: number): Compose =>
  (context, x, constant) => {
    const square = context.emit('Add', [context.emit('Square', [x], {}), constant(shift)], {});
    return context.emit('Log', [context.emit('Add', [x, context.emit('Sqrt', [square], {})], {})], {});
  };

/** sign(x) of the function of |x|, where x + sqrt(x^2 + 1) is not small. */
const odd =
  (compose: Compose): Compose =>
  (context, x, constant) => {
    const size = compose(context, context.emit('Abs', [x], {}), constant);
    return context.emit('Mul', [context.emit('Sign', [x], {}), size], {});
  };

/** (log(1 + x) - log(1 - x)) / 2 */
const halfQuotient: Compose = (context, x, constant) => {
  const [one, half] = [constant(1), constant(0.5)];
  const above = context.emit('Log', [context.emit('Add', [one, x], {})], {});
  const below = context.emit('Log', [context.emit('Sub', [one, x], {})], {});
  return context.emit('Mul', [context.emit('Sub', [above, below], {}), half], {});
};

export const trigonometry: readonly OnnxOperator[] = [
  elementwise('Tan', 7, Math.tan, CONSTANTS),
  elementwise('Asin', 7, Math.asin, CONSTANTS),
  elementwise('Acos', 7, Math.acos, CONSTANTS),
  elementwise('Atan', 7, Math.atan, CONSTANTS),
  elementwise('Sinh', 9, Math.sinh, 'secrets from -10 to 10; becomes Exp', exponentials('Sub')),
  elementwise('Cosh', 9, Math.cosh, 'as Sinh', exponentials('Add')),
  elementwise('Asinh', 9, Math.asinh, 'becomes Log and Sqrt', odd(logarithm(1))),
  elementwise('Acosh', 9, Math.acosh, 'becomes Log and Sqrt', logarithm(-1)),
  elementwise('Atanh', 9, Math.atanh, 'becomes Log', halfQuotient),
];
