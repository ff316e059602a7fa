/** Products of the elements of an axis up to each. */
import { normalizeAxis } from '@tacit/graph';
import { MAX_OPSET, type OnnxOperator } from '../operator.js';

export const cumProdOnnx: OnnxOperator = {
  name: 'CumProd',
  opsets: [26, MAX_OPSET],
  note: 'constant axis of known size; exclusive, reverse; a product for each bit of the size',
  convert(context) {
    const x = context.input(0);
    const rank = context.rank(x);
    const axis = normalizeAxis(context.scalar(context.input(1), 'axis'), rank);
    const exclusive = context.int('exclusive', 0) !== 0;
    const reverse = context.int('reverse', 0) !== 0;
    const size = context.shape(x)[axis];
    if (typeof size !== 'number') return context.fail(`the size ${size} of axis ${axis} must be known`);
    // Ones come in from the side where products begin.
    const moved = (value: typeof x, by: number) => {
      const pads = new Array<number>(2 * rank).fill(0);
      pads[axis] = reverse ? -by : by;
      pads[axis + rank] = reverse ? by : -by;
      return context.emit('Pad', [value], { pads, value: 1 });
    };
    let product = exclusive && size > 0 ? moved(x, 1) : x;
    // Of 1, 2, 4, ... elements.
    for (let step = 1; step < size; step *= 2)
      product = context.emit('Mul', [product, moved(product, step)], {});
    context.result(product);
  },
};
