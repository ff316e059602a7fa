/** condition ? x : y for a condition of zeros and ones, with broadcasting: y + condition (x - y). */
import type { None, OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { either, spread } from '../plain/interval.js';
import { broadcastTo } from '../plain/plain-tensor.js';
import { at, broadcast } from '../shape/dims.js';
import { unbroadcast } from './shared/elementwise.js';

export const definition: OperationDefinition<'Where', None> = {
  op: 'Where',
  summary: 'condition ? x : y, broadcasting',
  attributes: {},
  arity: [3, 3],
  infer: (inputs) => [broadcast(at(inputs, 0), at(inputs, 1), at(inputs, 2))],
  evaluate(inputs) {
    const shape = broadcast(...inputs.map((input) => input.shape)) as number[];
    const [condition, x, y] = inputs.map((input) => broadcastTo(input, shape).data);
    return [{ shape, data: condition.map((chosen, i) => (chosen !== 0 ? x[i] : y[i])) }];
  },
  expand: (k, [condition, x, y]) => [k.add(k.mul(condition, k.sub(x, y)), y)],
  gradient(k, { inputs: [condition, x, y], dy: [dy] }) {
    const dx = k.mul(condition, dy);
    return [undefined, unbroadcast(k, dx, k.shapeOf(x)), unbroadcast(k, k.sub(dy, dx), k.shapeOf(y))];
  },
  bounds([condition, x, y]) {
    const shape = broadcast(condition.shape, x.shape, y.shape) as number[];
    const [low, high] = [Math.min(...y.low.data), Math.max(...y.high.data)];
    const wide = either(x, low, high);
    return [spread({ shape, low: wide.low, high: wide.high })];
  },
  onnx: { name: 'Where', since: 9, truths: [0], type: 1 },
  examples: [
    [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    [[3], [2, 1], []],
    [[], [2], [2]],
    [[0], [1], [0]],
  ].map((shapes) => ({ shapes, attributes: {}, values: [0, 1] })),
};

export const methods = {
  /**
   * Where this tensor of zeros and ones is 1: x, else y. The round of a product.
   * @param x values where this tensor is 1
   * @param y values where it is 0
   * @returns the broadcast shape
   * @throws ShapeError where the shapes do not broadcast together
   * @example x.gt(0).where(x, 0)
   */
  where: (_x: Shaped, x: Operand, y: Operand) => ({ inputs: [x, y], attributes: {} }),
};
