/** The p-norm along axes, for p of 1, 2 and infinity. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { map } from '../plain/plain-tensor.js';
import { type Axes, axesOf } from '../shape/axes.js';
import { type ReduceAttributes, reduceAxes, reducedShape, requireElements } from './shared/reduction.js';

interface NormAttributes extends ReduceAttributes {
  readonly p: '1' | '2' | 'infinity';
}

export const definition: OperationDefinition<'Norm', NormAttributes> = {
  op: 'Norm',
  summary: 'p-norm along axes',
  attributes: { axes: 'axes', keepDims: 'bool', p: ['1', '2', 'infinity'] },
  arity: [1, 1],
  accuracy: { maxError: 2 ** -7 },
  infer([x], { axes, keepDims, p }) {
    if (p === 'infinity') requireElements(x, axes, 'maximum norm');
    return [reducedShape(x, axes, keepDims)];
  },
  evaluate([x], { axes, keepDims, p }) {
    if (p === '2')
      return [
        map(
          reduceAxes(
            map(x, (v) => v * v),
            axes,
            keepDims,
            'sum',
          ),
          Math.sqrt,
        ),
      ];
    return [reduceAxes(map(x, Math.abs), axes, keepDims, p === '1' ? 'sum' : 'max')];
  },
  expand(k, [x], { axes, keepDims, p }) {
    const along = { axes, keepDims };
    if (p === '2') return [k.reduceL2(x, along)];
    return [p === '1' ? k.reduceL1(x, along) : k.reduceMax(k.abs(x), along)];
  },
  examples: [
    { shapes: [[2, 3, 2]], attributes: { axes: [1], keepDims: false, p: '2' } },
    { shapes: [[2, 3, 2]], attributes: { axes: [0, 2], keepDims: true, p: '1' } },
    { shapes: [[3]], attributes: { axes: [0], keepDims: false, p: 'infinity' } },
  ],
};

const NAMES = new Map<number, NormAttributes['p']>([
  [1, '1'],
  [2, '2'],
  [Infinity, 'infinity'],
]);

export const methods = {
  /**
   * The p-norm along an axis, or of the whole tensor; for p = 2 of elements below 2^14.
   * @param options `p`: 1, 2 (default) or Infinity; `axis`: one or several, all by default; `keepDims`
   * @returns the shape of x without the axes
   * @throws ArgumentError for another p or an unknown option
   * @throws ShapeError for an axis that x does not have
   * @example x.norm({ axis: 1 })
   */
  norm: (
    x: Shaped,
    options: { readonly p?: number; readonly axis?: Axes; readonly keepDims?: boolean } = {},
  ) => {
    checkOptions('norm', options, ['p', 'axis', 'keepDims']);
    const { p = 2, axis, keepDims = false } = options;
    const name = NAMES.get(p);
    if (name === undefined) throw new ArgumentError(`norm: p is 1, 2 or Infinity, not ${p}`);
    return { attributes: { axes: axesOf(axis, x.shape.length), keepDims, p: name } };
  },
};
