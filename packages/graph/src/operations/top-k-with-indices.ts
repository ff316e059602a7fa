/** The first elements of an axis in order and where they were, as one tensor: for graphs, whose nodes have one value. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shape } from '../shape/dims.js';
import { firstInOrder, scatteredBack, type TopKAttributes, topKShape } from './top-k.js';

const stacked = (x: Shape, attributes: TopKAttributes): Shape => [2, ...topKShape(x, attributes)];

export const definition: OperationDefinition<'TopKWithIndices', TopKAttributes> = {
  op: 'TopKWithIndices',
  summary: 'the first k elements of an axis in order, and their indices, along a new first axis',
  attributes: { axis: 'axis', k: 'int', largest: 'bool' },
  arity: [1, 1],
  infer: ([x], attributes) => [stacked(x, attributes)],
  evaluate([x], attributes) {
    const [values, indices] = firstInOrder(x, attributes);
    const shape = [2, ...values.shape];
    return [{ shape, data: Float64Array.from([...values.data, ...indices.data]) }];
  },
  expand(k, [x], attributes) {
    const parts = k.all('TopK', [x], attributes, 2).map((part) => k.unsqueeze(part, { axes: [0] }));
    return [k.concat(...parts, { axis: 0 })];
  },
  gradient(k, { inputs: [x], outputs: [y], dy: [dy], attributes: { axis } }) {
    const part = (of: typeof x, i: number) =>
      k.squeeze(k.slice(of, { axes: [0], starts: [i], ends: [i + 1], steps: [1] }), { axes: [0] });
    return [scatteredBack(k, x, part(y, 1), part(dy, 0), axis)];
  },
  examples: [
    { shapes: [[2, 5]], attributes: { axis: 1, k: 3, largest: true } },
    { shapes: [[4, 2]], attributes: { axis: 0, k: 4, largest: false } },
    { shapes: [[2, 2]], attributes: { axis: 0, k: 0, largest: true } },
  ],
};
