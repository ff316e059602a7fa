/** x to a power; 2 becomes Square. */
import { map, type Value, zip } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

/** Whole powers up to here are products; beyond, exp(y log(x)) takes fewer rounds. */
const MAX_WHOLE = 64;

export const powOnnx: OnnxOperator = {
  name: 'Pow',
  opsets: ALL_OPSETS,
  note: 'by a number, or whole constants up to 64: products; by any other tensor as exp(y log(x)), for x > 0; 2 becomes Square',
  convert(context) {
    const [x, y] = [context.input(0), context.stored(context.input(1))];
    if (x.kind === 'constant' && y.kind === 'constant') {
      const power = zip(x.tensor, y.tensor, (base, exponent) => base ** exponent);
      context.result(context.makeConstant('power', power, x.type));
      return;
    }
    const alone =
      y.kind === 'constant' && y.tensor.data.length === 1 && context.rank(y) <= context.rank(x)
        ? y.tensor.data[0]
        : undefined;
    if (alone === 1) context.result(x);
    else if (alone === 2) context.result(context.emit('Square', [x], {}));
    else if (alone !== undefined) context.result(context.emit('Pow', [x], { exponent: alone }));
    else if (y.kind === 'constant' && y.tensor.data.every((v) => v >= 0 && v <= MAX_WHOLE && v % 1 === 0))
      context.result(wholePowers(context, x, y.tensor.data, y.shape));
    else
      context.result(context.emit('Exp', [context.emit('Mul', [context.emit('Log', [x], {}), y], {})], {}));
  },
};

/**
 * By squares: each element is multiplied by those squares that the bits of its exponent ask for. Where none is asked for
 * any more, the base is 1, so that it does not leave the range of values.
 */
function wholePowers(
  context: NodeContext,
  x: Value,
  exponents: Float64Array,
  shape: readonly number[],
): Value {
  const most = exponents.reduce((a, b) => Math.max(a, b), 0);
  const bits = Math.max(1, Math.ceil(Math.log2(most + 1)));
  const masked = (value: Value, keep: (exponent: number) => boolean) => {
    const mask = { shape, data: exponents.map((exponent) => (keep(exponent) ? 1 : 0)) };
    const kept = context.emit('Mul', [value, context.makeConstant('asked', mask)], {});
    const ones = map(mask, (v) => 1 - v);
    return context.emit('Add', [kept, context.makeConstant('ones', ones)], {});
  };
  let base = x;
  let result: Value | undefined;
  for (let bit = 0; bit < bits; bit++) {
    if (bit > 0) base = context.emit('Square', [masked(base, (exponent) => exponent >= 2 ** bit)], {});
    const factor = masked(base, (exponent) => Math.floor(exponent / 2 ** bit) % 2 === 1);
    result = result === undefined ? factor : context.emit('Mul', [result, factor], {});
  }
  return result as Value;
}
