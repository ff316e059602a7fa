/** A value with others written to, or combined with, public places. */
import { REDUCTIONS, type Reduction } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { readIndices } from './indices.js';

const scatterElements = (name: string, opsets: readonly [number, number]): OnnxOperator => ({
  name,
  opsets,
  note: 'indices constant or computed from shapes; reduction none, add, mul, max, min',
  convert(context) {
    const x = context.input(0);
    const [axis = 0] = context.axes([context.int('axis', 0)], context.rank(x));
    const attributes = { axis, ...readIndices(context, context.input(1)), reduction: readReduction(context) };
    context.result(context.emit('ScatterElements', [x, context.input(2)], attributes));
  },
});

export const scatterElementsOnnx = scatterElements('ScatterElements', [11, ALL_OPSETS[1]]);
/** Its name before operator set 11. */
export const scatterOnnx = scatterElements('Scatter', [9, 10]);

export const scatterNDOnnx: OnnxOperator = {
  name: 'ScatterND',
  opsets: [11, ALL_OPSETS[1]],
  note: 'indices constant or computed from shapes; reduction none, add, mul, max, min',
  convert(context) {
    const attributes = { ...readIndices(context, context.input(1)), reduction: readReduction(context) };
    context.result(context.emit('ScatterND', [context.input(0), context.input(2)], attributes));
  },
};

function readReduction(context: NodeContext): Reduction {
  const reduction = context.opset < 16 ? 'none' : context.string('reduction', 'none');
  const known = REDUCTIONS.find((name) => name === reduction);
  // Operator set 18 added extremes.
  if (known === undefined || (context.opset < 18 && ['max', 'min'].includes(known)))
    return context.fail(`reduction ${JSON.stringify(reduction)}`);
  return known;
}
