/** Elements of an axis in order, and where they are. */
import { type Attributes, apply } from '@tacit/graph';
import type { Context } from './context.js';
import type { FixedPoint } from './fixed-point/fixed-point.js';
import { secretOf } from './private-value.js';

/**
 * The first elements of an axis in order.
 * @param context of the tensor
 * @param x value
 * @param label how the user called it, for errors
 * @param attributes axis, how many, and which end comes first
 * @returns the elements and their indices, both new
 * @throws ShapeError, ArgumentError as the operation TopK
 */
export function firstInOrder(
  context: Context,
  x: FixedPoint,
  label: string,
  attributes: Attributes<'TopK'>,
): { readonly values: FixedPoint; readonly indices: FixedPoint } {
  const [values, indices] = apply(context.backend, 'TopK', [x], attributes, label, 2).map((made) =>
    secretOf(context, made),
  );
  return { values, indices };
}
