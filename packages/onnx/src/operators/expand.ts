/** Broadcasts a value to a shape. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const expandOnnx: OnnxOperator = {
  name: 'Expand',
  opsets: [8, ALL_OPSETS[1]],
  note: 'shape constant or computed from shapes',
  convert(context) {
    const shape = context.publicInts(context.input(1), 'the shape');
    context.result(context.emit('Expand', [context.input(0)], { shape }));
  },
};
