/** Broadcasts a public value to a shape. */
import type { Dim } from '../graph.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { broadcastTo } from '../plain-tensor.js';
import { at, broadcast, UNKNOWN } from '../shapes.js';
import { checkedShape } from './constant-of-shape.js';

export const expand: GraphOperator<'Expand'> = {
  op: 'Expand',
  summary: 'Broadcasts a public value',
  attributes: { shape: 'public' },
  arity: [1, 1],
  infer(inputs, { shape }) {
    const x = at(inputs, 0);
    if (!Array.isArray(shape)) return new Array<Dim>(Math.max(x.length, shape.length)).fill(UNKNOWN);
    return broadcast(x, checkedShape(shape));
  },
  evaluate(inputs, attributes) {
    const x = at(inputs, 0);
    return broadcastTo(x, checkedShape(expand.infer([x.shape], attributes) as number[]));
  },
};

export const expandOnnx: OnnxOperator = {
  name: 'Expand',
  opsets: [8, ALL_OPSETS[1]],
  note: 'public values only',
  convert(context) {
    const shape = context.publicInts(context.input(1), 'the shape');
    context.result(context.emit('Expand', [context.input(0)], { shape }));
  },
};
