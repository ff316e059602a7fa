/** Shapes of an operation's outputs, with errors that name the operation: for tensors, graphs and constants alike. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { isNumeric, type Shape, show } from '../shape/dims.js';
import { checkAttributes } from './attributes.js';
import { type Attributes, definitionOf, type OpName } from './registry.js';

/**
 * Shapes of the outputs of an operation, from those of its inputs. Sizes may be symbols.
 * @param op name of the operation
 * @param inputs shapes of the operands
 * @param attributes attributes of the operation
 * @param label how the user called it, for errors
 * @returns the shapes of its outputs
 * @throws ShapeError, ArgumentError naming `label`
 * @example inferShapes('MatMul', [['batch', 4], [4, 2]], {}); // [ [ 'batch', 2 ] ]
 */
export function inferShapes<N extends OpName>(
  op: N,
  inputs: readonly Shape[],
  attributes: Attributes<N, 'model'>,
  label: string = op,
): readonly Shape[] {
  const { arity, infer } = definitionOf(op);
  if (inputs.length < arity[0] || inputs.length > arity[1])
    throw new ArgumentError(`${label} does not take ${inputs.length} operands`);
  try {
    return infer(inputs, attributes);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ShapeError(`${label} of ${inputs.map(show).join(' and ')}: ${error.message}`);
  }
}

/** An operation with every shape and attribute known. */
export interface ResolvedCall<N extends OpName> {
  readonly attributes: Attributes<N>;
  readonly outputs: readonly (readonly number[])[];
}

/**
 * Checks attributes and shapes of numbers, and resolves what depends on them.
 * @param op name of the operation
 * @param inputs shapes of the operands
 * @param attributes attributes of the operation
 * @param label how the user called it, for errors
 * @returns the attributes with every size known, and the shapes of the outputs
 * @throws ShapeError where shapes or axes do not fit
 * @throws ArgumentError where an attribute is missing, unknown, or of another kind
 * @example resolveCall('Add', [[2, 3], [3]], {}).outputs; // [ [ 2, 3 ] ]
 */
export function resolveCall<N extends OpName>(
  op: N,
  inputs: readonly (readonly number[])[],
  attributes: Attributes<N, 'model'>,
  label: string = op,
): ResolvedCall<N> {
  const definition = definitionOf(op);
  checkAttributes(label, definition.attributes, attributes as Readonly<Record<string, unknown>>);
  const outputs = inferShapes(op, inputs, attributes, label);
  if (!outputs.every(isNumeric)) throw new ShapeError(`${label}: the shape of the result is not known`);
  const shapes = outputs as readonly (readonly number[])[];
  const resolved = definition.resolve?.(attributes, inputs, shapes[0] ?? []);
  return { attributes: resolved ?? (attributes as unknown as Attributes<N>), outputs: shapes };
}
