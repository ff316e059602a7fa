/** The largest and the smallest element along axes, and where it is. */
import type { OperationDefinition } from '../../operation/definition.js';
import { hullOver } from '../../plain/interval.js';
import { type PlainTensor, stridesOf, walk } from '../../plain/plain-tensor.js';
import { sizeOf } from '../../shape/dims.js';
import { firstWinner } from './first-winner.js';
import { type ReduceAttributes, reduceAxes, reducedShape, reduction, requireElements } from './reduction.js';
import { shapedBounds } from './views.js';

/** Extremes with their indices as an auxiliary output. */
export const extreme = <Name extends string>(
  op: Name,
  mode: 'max' | 'min',
  word: 'largest' | 'smallest',
): OperationDefinition<Name, ReduceAttributes> =>
  reduction({
    op,
    summary: `${word} element along axes`,
    mode,
    aux: ['index'],
    gradientOutputs: 2,
    infer([x], { axes, keepDims }) {
      const shape = reducedShape(x, axes, keepDims);
      requireElements(x, axes, `${mode}imum`);
      return [shape, shape];
    },
    evaluate([x], attributes) {
      const found = reduceAxes(x, attributes.axes, attributes.keepDims, mode);
      return [found, extremeIndex(x, attributes, found)];
    },
    gradient: (k, { inputs: [x], outputs: [, index], dy: [dy], attributes }) => [
      firstWinner(k, mode, { x, index }, dy, attributes),
    ],
    bounds: ([x], { axes, keepDims }) => [
      shapedBounds(
        { ...hullOver(x, axes), shape: reducedShape(x.shape, axes, true) as number[] },
        reducedShape(x.shape, axes, keepDims) as number[],
      ),
    ],
  });

/**
 * Where the extreme is: its index in the reduced axes as one, in their order; of equal ones the first. The auxiliary output
 * of maxima and minima.
 */
function extremeIndex(x: PlainTensor, { axes, keepDims }: ReduceAttributes, found: PlainTensor): PlainTensor {
  const kept = reducedShape(x.shape, axes, true) as number[];
  const outer = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const own = stridesOf(x.shape);
  const sizes = axes.map((axis) => x.shape[axis]);
  const inner = stridesOf(sizes);
  const data = new Float64Array(sizeOf(kept)).fill(-1);
  walk(x.shape, outer, 0, (position, offset) => {
    if (data[offset] >= 0 || x.data[position] !== found.data[offset]) return;
    data[offset] = axes.reduce(
      (index, axis, i) => index + (Math.floor(position / own[axis]) % sizes[i]) * inner[i],
      0,
    );
  });
  return { shape: keepDims ? kept : found.shape, data };
}
