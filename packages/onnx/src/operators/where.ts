/** Choice between public values. */
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { broadcastTo } from '../plain-tensor.js';
import { at, broadcast } from '../shapes.js';

export const where: GraphOperator<'Where'> = {
  op: 'Where',
  summary: 'condition ? x : y of public values',
  attributes: {},
  arity: [3, 3],
  infer: (inputs) => broadcast(broadcast(at(inputs, 0), at(inputs, 1)), at(inputs, 2)),
  evaluate(inputs) {
    const shape = where.infer(
      inputs.map((input) => input.shape),
      {},
    ) as number[];
    const condition = broadcastTo(at(inputs, 0), shape).data;
    const [x, y] = [broadcastTo(at(inputs, 1), shape).data, broadcastTo(at(inputs, 2), shape).data];
    return { shape, data: condition.map((chosen, i) => at(chosen !== 0 ? x : y, i)) };
  },
};

export const whereOnnx: OnnxOperator = {
  name: 'Where',
  opsets: [9, ALL_OPSETS[1]],
  note: 'public values only',
  convert(context) {
    const [condition, x, y] = [context.input(0), context.input(1), context.input(2)];
    context.result(context.emit('Where', [condition, x, y], {}, x.type));
  },
};
