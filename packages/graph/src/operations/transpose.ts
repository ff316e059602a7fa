/** Permutes axes: axis i of the result is axis perm[i] of the input. Local; a masked tensor stays masked. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import type { PlainTensor } from '../plain/plain-tensor.js';
import { gatherTensor, stridesOf } from '../plain/plain-tensor.js';
import { normalizeAxes, normalizeAxis } from '../shape/axes.js';
import { at } from '../shape/dims.js';
import { movedBounds } from './shared/views.js';

interface TransposeAttributes {
  readonly perm: readonly number[];
}

export const definition: OperationDefinition<'Transpose', TransposeAttributes> = {
  op: 'Transpose',
  summary: 'permutes axes',
  attributes: { perm: 'axes' },
  arity: [1, 1],
  moves: true,
  infer([x], { perm }) {
    if (normalizeAxes(perm, x.length).length !== x.length)
      throw new ShapeError(`[${perm}] does not name every axis once`);
    return [perm.map((axis) => at(x, axis))];
  },
  evaluate: ([x], { perm }) => [permuted(x, perm)],
  gradient: (k, { dy: [dy], attributes: { perm } }) => [
    k.transpose(dy, { perm: perm.map((_, axis) => perm.indexOf(axis)) }),
  ],
  bounds: ([x], { perm }) => [movedBounds(x, (v) => permuted(v, perm))],
  examples: [
    { shapes: [[2, 3, 4]], attributes: { perm: [2, 0, 1] } },
    { shapes: [[2, 3]], attributes: { perm: [1, 0] } },
    { shapes: [[]], attributes: { perm: [] } },
  ],
};

function permuted(x: PlainTensor, perm: readonly number[]): PlainTensor {
  const strides = stridesOf(x.shape);
  return gatherTensor(
    x,
    perm.map((axis) => at(x.shape, axis)),
    perm.map((axis) => at(strides, axis)),
  );
}

const reversed = ({ shape }: Shaped) => shape.map((_, i) => shape.length - 1 - i);

export const methods = {
  /**
   * Axes in another order; without one, reversed. No round.
   * @param permutation for each axis of the result, an axis of x; reversed by default
   * @returns the permuted shape
   * @throws ShapeError where it does not name every axis once
   * @example x.transpose([0, 2, 1])
   */
  transpose: (x: Shaped, permutation?: readonly number[]) => ({
    attributes: { perm: permutation?.map((axis) => normalizeAxis(axis, x.shape.length)) ?? reversed(x) },
  }),
  /**
   * Axes reversed; a vector stays as it is. No round.
   * @returns the reversed shape
   */
  t: (x: Shaped) => ({ attributes: { perm: reversed(x) } }),
};
