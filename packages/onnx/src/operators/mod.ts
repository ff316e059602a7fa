/** Remainders: of public values as they are; of secrets by constants, from a floor that is put right by a comparison. */
import { map, type PlainTensor, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const modOnnx: OnnxOperator = {
  name: 'Mod',
  opsets: [10, ALL_OPSETS[1]],
  note: 'fmod; of secrets by constants, for quotients below 2^15',
  convert(context) {
    const [x, y] = [context.input(0), context.stored(context.input(1))];
    const fmod = context.int('fmod', 0) !== 0;
    if (x.kind !== 'secret' || y.kind !== 'constant') {
      context.result(context.emit('Mod', [x, y], { fmod }));
      return;
    }
    if (y.tensor.data.includes(0)) context.fail('the divisor is zero');
    const size = map(y.tensor, Math.abs);
    if (!fmod) {
      // With the sign of the divisor: turned around where that is negative.
      const sign = map(y.tensor, Math.sign);
      context.result(signed(context, remainder(context, signed(context, x, sign), size), sign));
      return;
    }
    context.result(truncatedRemainder(context, x, size));
  },
};

/**
 * What a division that truncates towards zero leaves, with the sign of x.
 * @param context of the node
 * @param x secret
 * @param size of the divisor, above zero
 * @returns a number below it
 */
export function truncatedRemainder(context: NodeContext, x: Value, size: PlainTensor): Value {
  const rest = remainder(context, context.emit('Abs', [x], {}), size);
  return context.emit('Mul', [rest, context.emit('Sign', [x], {})], {});
}

const signed = (context: NodeContext, x: Value, sign: PlainTensor): Value =>
  sign.data.every((v) => v === 1) ? x : context.emit('Mul', [x, context.makeConstant('sign', sign)], {});

/** x - y floor(x / y). The quotient may be a little off, so the floor may be by one: then the rest is not in [0, y). */
function remainder(context: NodeContext, x: Value, divisor: PlainTensor): Value {
  const y = context.makeConstant('divisor', divisor);
  const inverse = context.makeConstant(
    'inverse',
    map(divisor, (v) => 1 / v),
  );
  const whole = context.emit('Floor', [context.emit('Mul', [x, inverse], {}, 'float')], {});
  const rest = context.emit('Sub', [x, context.emit('Mul', [whole, y], {})], {});
  const zero = context.makeConstant('zero', { shape: [], data: Float64Array.of(0) });
  const below = context.emit('Less', [rest, zero], {}, 'float');
  const above = context.emit('GreaterOrEqual', [rest, y], {}, 'float');
  const steps = context.emit('Sub', [below, above], {});
  return context.emit('Add', [rest, context.emit('Mul', [steps, y], {})], {});
}
