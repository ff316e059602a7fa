/** A value repeated as a whole along its axes. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const tileOnnx: OnnxOperator = {
  name: 'Tile',
  opsets: ALL_OPSETS,
  note: 'counts constant or computed from shapes',
  convert(context) {
    const x = context.input(0);
    const repeats = context.publicInts(context.input(1), 'repeats');
    if (repeats.length !== context.rank(x))
      context.fail(`${repeats.length} counts for ${context.rank(x)} axes`);
    context.result(context.emit('Tile', [x], { repeats }));
  },
};
