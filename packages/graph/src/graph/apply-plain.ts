/** One operation on known values: what constant folding, shape arithmetic and the plain backend share. */
import { ShapeError } from '@tacit/errors';
import { inferShapes } from '../operation/infer.js';
import { type Attributes, definitionOf, type OpName } from '../operation/registry.js';
import type { PlainTensor } from '../plain/plain-tensor.js';
import { isNumeric } from '../shape/dims.js';

/**
 * The first output of an operation whose inputs are known and whose attributes hold no reference.
 * @param op name of the operation
 * @param attributes attributes of the operation
 * @param inputs values of the operands
 * @param checkShape is asked before the value is made
 * @returns the value
 * @throws ShapeError where shapes do not fit or are not known
 * @example applyPlain('Add', {}, [plainTensor([], [1]), plainTensor([], [2])]); // 3
 */
export function applyPlain<Op extends OpName>(
  op: Op,
  attributes: Attributes<Op, 'model'>,
  inputs: readonly PlainTensor[],
  checkShape: (shape: readonly number[]) => void = () => undefined,
): PlainTensor {
  const shapes = inputs.map((input) => input.shape);
  const [shape] = inferShapes(op, shapes, attributes);
  // Range learns its length only from its values.
  if (isNumeric(shape)) checkShape(shape);
  else if (op !== 'Range') throw new ShapeError(`the shape of a constant ${op} is not known`);
  const definition = definitionOf(op);
  const concrete =
    definition.resolve?.(attributes, shapes, isNumeric(shape) ? shape : []) ??
    (attributes as unknown as Attributes<Op>);
  return definition.evaluate(inputs, concrete)[0];
}
