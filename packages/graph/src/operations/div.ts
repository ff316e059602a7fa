/** x / y with broadcasting. In private it is a product with the inverse where y is public or the model owner's. */
import { ArgumentError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { type Interval, timesInterval } from '../plain/interval.js';
import { map } from '../plain/plain-tensor.js';
import { broadcast } from '../shape/dims.js';
import { binary } from './shared/elementwise.js';

interface DivAttributes {
  /** Truncates towards zero: shape arithmetic only. */
  readonly integer: boolean;
}

const base = binary({
  op: 'Div',
  summary: 'x / y, broadcasting',
  plain: (x, y) => x / y,
  derivative: (k, _x, y, z, dy, needed) => {
    const dx = k.div(dy, y, { integer: false });
    return [dx, needed[1] ? k.neg(k.mul(dx, z)) : undefined];
  },
});

export const definition: OperationDefinition<'Div', DivAttributes> = {
  op: 'Div',
  summary: base.summary,
  arity: base.arity,
  infer: base.infer,
  attributes: { integer: 'bool' },
  // Of a secret divisor; quotients by public numbers are right to a unit.
  accuracy: { maxError: 2 ** -15, relative: 2 ** -10 },
  evaluate(inputs, { integer }) {
    const [quotient] = base.evaluate(inputs, {});
    return [integer ? map(quotient, Math.trunc) : quotient];
  },
  gradient: (k, at) => base.gradient?.(k, { ...at, attributes: {} }) ?? [],
  bounds: ([x, y]) => [timesInterval(broadcast(x.shape, y.shape) as number[], x, inverted(y))],
  examples: base.examples.map(({ shapes }) => ({
    shapes,
    attributes: { integer: false },
    values: [1, -2, 0.5, 3, -0.75, 100],
  })),
};

function inverted({ shape, low, high }: Interval): Interval {
  const crosses = low.data.some((v, i) => v <= 0 && high.data[i] >= 0);
  return crosses
    ? { shape, low: map(low, () => -Infinity), high: map(high, () => Infinity) }
    : { shape, low: map(high, (v) => 1 / v), high: map(low, (v) => 1 / v) };
}

export const methods = {
  /**
   * x / y. For a y that is public or owned and nowhere 0 it is right to a unit in the last place: no round for powers of
   * two, else one in which the quotient is truncated. For a secret y it is at most 2^-10 of the quotient or 2^-15 off, as
   * long as the quotient is below 2^28; |y| < 2^-8 counts as 2^-8 with its sign. Rounds then: those of a ReLU and five.
   * @param y divisor
   * @returns the broadcast shape
   * @throws ArgumentError where a public y is 0 or not finite
   * @example x.div(255)
   */
  div: (_x: Shaped, y: Operand) => {
    if (typeof y === 'number' && (y === 0 || !Number.isFinite(y)))
      throw new ArgumentError(`div: cannot divide by ${y as number}`);
    return { inputs: [y], attributes: { integer: false } };
  },
};
