/** A public constant of a given shape. */
import { ShapeError } from '@tacit/errors';
import type { OpenInts } from '../operation/attributes.js';
import type { PublicDefinition } from '../operation/definition.js';
import { type Dim, show, sizeOf, UNKNOWN } from '../shape/dims.js';

interface ConstantOfShapeAttributes<L = readonly number[]> {
  readonly shape: L;
  readonly value: number;
}

/** Shape arithmetic works on lists of sizes, not on data. */
export const MAX_PUBLIC_ELEMENTS = 2 ** 20;

/**
 * A shape given as data, checked.
 * @param shape numbers that should be sizes
 * @returns the same shape
 * @throws ShapeError where a size is not a whole number from 0 on, or the value would be too large
 * @example checkedShape([2, 3]);
 */
export function checkedShape(shape: readonly number[]): readonly number[] {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0) || sizeOf(shape) > MAX_PUBLIC_ELEMENTS)
    throw new ShapeError(`a public value of shape ${show(shape)}`);
  return shape;
}

export const definition: PublicDefinition<
  'ConstantOfShape',
  ConstantOfShapeAttributes,
  ConstantOfShapeAttributes<OpenInts>
> = {
  op: 'ConstantOfShape',
  summary: 'a public constant of a given shape',
  publicOnly: true,
  attributes: { shape: 'public', value: 'number' },
  arity: [0, 0],
  infer: (_inputs, { shape }) => [
    Array.isArray(shape) ? checkedShape(shape) : new Array<Dim>(shape.length).fill(UNKNOWN),
  ],
  resolve: ({ value }, _inputs, shape) => ({ shape, value }),
  evaluate: (_inputs, { shape, value }) => [{ shape, data: new Float64Array(sizeOf(shape)).fill(value) }],
  examples: [{ shapes: [], attributes: { shape: [2, 2], value: 3 } }],
};
