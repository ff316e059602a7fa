/** A choice by a condition; where a constant condition is the same throughout, no choice is left. */
import { broadcast, isNumeric } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const whereOnnx: OnnxOperator = {
  name: 'Where',
  opsets: [9, ALL_OPSETS[1]],
  note: '',
  convert(context) {
    const [condition, x, y] = [context.input(0), context.input(1), context.input(2)];
    const shape = broadcast(...[condition, x, y].map((value) => context.shape(value)));
    const constant = condition.kind === 'constant' ? condition.tensor.data : undefined;
    const first = constant?.[0];
    if (first !== undefined && constant?.every((v) => (v !== 0) === (first !== 0))) {
      const chosen = first !== 0 ? x : y;
      const own = context.shape(chosen);
      if (own.length === shape.length && own.every((dim, axis) => dim === shape[axis]))
        return context.forward(chosen);
      if (isNumeric(shape)) return context.result(context.emit('Expand', [chosen], { shape }));
    }
    context.result(context.emit('Where', [condition, x, y], {}, x.type));
  },
};
