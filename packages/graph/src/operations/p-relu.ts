/** x where it is positive, slope x elsewhere, the slopes being a tensor. He and others: ICCV 2015. */

import { ShapeError } from '@tacit/errors';
import type { None, OperationDefinition } from '../operation/definition.js';
import { zip } from '../plain/plain-tensor.js';
import { at, broadcast, sameShape } from '../shape/dims.js';
import { unbroadcast } from './shared/elementwise.js';

export const definition: OperationDefinition<'PRelu', None> = {
  op: 'PRelu',
  summary: 'x > 0 ? x : slope x, broadcasting the slopes',
  attributes: {},
  arity: [2, 2],
  infer(inputs) {
    const [x, slope] = [at(inputs, 0), at(inputs, 1)];
    const shape = broadcast(x, slope);
    if (!sameShape(shape, x))
      throw new ShapeError(`PRelu: slopes of shape [${slope}] do not fit values of [${x}]`);
    return [shape];
  },
  evaluate: ([x, slope]) => [zip(x, slope, (v, s) => (v > 0 ? v : s * v))],
  expand(k, [x, slope]) {
    const positive = k.relu(x);
    return [k.add(positive, k.mul(k.sub(x, positive), slope))];
  },
  gradient(k, { inputs: [x, slope], dy: [dy], needed }) {
    const positive = k.greater(x, 0);
    const rest = k.sub(1, positive);
    const dx = () => k.mul(k.add(positive, k.mul(rest, slope)), dy);
    const dSlope = () => unbroadcast(k, k.mul(k.mul(rest, x), dy), k.shapeOf(slope));
    return [needed[0] ? dx() : undefined, needed[1] ? dSlope() : undefined];
  },
  onnx: { name: 'PRelu' },
  examples: [
    [[2, 3], [3]],
    [
      [2, 3, 2],
      [3, 1],
    ],
    [[3], []],
    [[0, 2], [2]],
    [[2], [1]],
  ].map((shapes) => ({
    shapes,
    attributes: {},
  })),
};

export const methods = {};
