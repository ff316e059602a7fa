/** Elements of an axis in order, and where they are. */
import { type Attributes, apply } from '@tacit/graph';
import type { Context } from './context.js';
import type { FixedPoint } from './fixed-point/fixed-point.js';
import { secretOf } from './private-value.js';

/**
 * The first elements of an axis in order.
 * @param tensor whose elements they are
 * @param label how the user called it, for errors
 * @param attributes axis, how many, and which end comes first
 * @returns the elements and then their indices, both new
 * @throws ShapeError, ArgumentError as the operation TopK
 */
export function firstInOrder(
  { context, value }: { readonly context: Context; readonly value: FixedPoint },
  label: string,
  attributes: Attributes<'TopK'>,
): readonly FixedPoint[] {
  const made = apply(context.backend, 'TopK', [value], attributes, label, 2);
  return made.map((output) => secretOf(context, output));
}
