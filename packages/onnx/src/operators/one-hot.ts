/** One of two values, by whether a place is the one that an index names. */
import { normalizeAxis, plainTensor } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const oneHotOnnx: OnnxOperator = {
  name: 'OneHot',
  opsets: [9, ALL_OPSETS[1]],
  note: 'constant depth; secret indices cost the rounds of Equal',
  convert(context) {
    const [indices, values] = [context.input(0), context.input(2)];
    const depth = context.scalar(context.input(1), 'depth');
    if (!Number.isInteger(depth) || depth < 1) context.fail(`depth is ${depth}`);
    const rank = context.rank(indices) + 1;
    const axis = normalizeAxis(context.int('axis', -1), rank);
    const along = Array.from({ length: rank }, (_, i) => (i === axis ? depth : 1));
    const lone = context.emit('Unsqueeze', [indices], { axes: [axis] });
    const hits = [0, depth].map((shift) => {
      // Indices may count from the back.
      const places = plainTensor(
        along,
        Array.from({ length: depth }, (_, i) => i - shift),
      );
      return context.emit('Equal', [lone, context.makeConstant('places', places)], {}, 'float');
    });
    const [off, on] = [0, 1].map((i) =>
      context.emit('Slice', [values], { axes: [0], starts: [i], ends: [i + 1], steps: [1] }),
    );
    const scaled = context.emit(
      'Mul',
      [context.emit('Add', hits, {}), context.emit('Sub', [on, off], {})],
      {},
    );
    context.result(context.emit('Add', [scaled, off], {}, values.type));
  },
};
