/** x limited to [min, max]; Clip from 0 upwards becomes Relu. */
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

/** The largest binary32: what exporters write for no limit. */
const FLOAT_MAX = 3.4028234663852886e38;

export const clipOnnx: OnnxOperator = {
  name: 'Clip',
  opsets: ALL_OPSETS,
  note: 'from 0 upwards becomes Relu; limits that are not constant, Max and Min',
  convert(context) {
    const x = context.input(0);
    const bounds = [1, 2].map((index) => (context.opset < 11 ? undefined : context.optional(index)));
    if (bounds.some((bound) => bound !== undefined && bound.kind !== 'constant')) {
      bounds.forEach((bound, i) => {
        if (bound && context.shape(bound).some((dim) => typeof dim === 'number' && dim !== 1))
          context.fail(`${i === 0 ? 'min' : 'max'} must be a single number`);
      });
      // As ONNX defines it: the upper bound wins.
      const [least, most] = bounds;
      const above = least ? context.emit('Max', [x, least], {}) : x;
      context.result(most ? context.emit('Min', [above, most], {}) : above);
      return;
    }
    const min = limit(context, 1, 'min');
    const max = limit(context, 2, 'max');
    if (min === null && max === null) context.result(x);
    // As ONNX defines it: the upper bound wins.
    else if (min !== null && max !== null && min > max)
      context.result(context.emit('Clip', [x], { min: max, max }));
    else if (min === 0 && max === null) context.result(context.emit('Relu', [x], {}));
    else context.result(context.emit('Clip', [x], { min, max }));
  },
};

/** Attributes until opset 10, inputs since. */
function limit(context: NodeContext, index: number, name: 'min' | 'max'): number | null {
  let value = name === 'min' ? -Infinity : Infinity;
  if (context.opset < 11) value = context.float(name, value);
  else {
    const input = context.optional(index);
    if (input !== undefined) value = context.scalar(input, name);
  }
  if (Number.isNaN(value)) context.fail(`${name} is not a number`);
  return Math.abs(value) >= FLOAT_MAX ? null : value;
}
