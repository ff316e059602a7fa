/** Fully connected layer y = x W + b over the last axis. */
import { ShapeError } from '@tacit/errors';
import type { None, OperationDefinition } from '../operation/definition.js';
import { at, mayEqual, show } from '../shape/dims.js';
import { definition as matMul } from './mat-mul.js';

export const definition: OperationDefinition<'Linear', None> = {
  op: 'Linear',
  summary: 'x W + b over the last axis; W [in, out]',
  attributes: {},
  arity: [2, 3],
  factors: [0, 1],
  infer([x, weight, bias]) {
    if (x.length < 1 || weight.length !== 2) throw new ShapeError(`a layer with weights ${show(weight)}`);
    if (!mayEqual(at(x, x.length - 1), at(weight, 0)))
      throw new ShapeError(`weights ${show(weight)} do not fit the last axis of ${show(x)}`);
    if (bias !== undefined && (bias.length !== 1 || !mayEqual(at(bias, 0), at(weight, 1))))
      throw new ShapeError(`a bias ${show(bias)} does not fit weights ${show(weight)}`);
    return [[...x.slice(0, -1), at(weight, 1)]];
  },
  evaluate([x, weight, bias]) {
    const [y] = matMul.evaluate([x, weight], {});
    if (bias === undefined) return [y];
    const n = bias.data.length;
    return [{ shape: y.shape, data: y.data.map((v, i) => v + bias.data[i % n]) }];
  },
  expand(k, [x, weight, bias]) {
    const y = k.matMul(x, weight);
    return [bias === undefined ? y : k.add(y, bias)];
  },
  examples: [
    [[2, 3], [3, 2], [2]],
    [[3], [3, 4]],
    [[2, 1, 3], [3, 2], [2]],
    [[0, 2], [2, 1], [1]],
  ].map((shapes) => ({ shapes, attributes: {} })),
};
