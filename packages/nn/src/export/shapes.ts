/** Shapes of values in models in the making. */
import { type Attributes, inferShapes, type OpName, type Shape } from '@tacit/graph';
import type { OnnxDraft, OnnxValue } from './onnx-draft.js';

/**
 * The shape that an operation gives, as far as it is known.
 * @param op operation of the graph
 * @param inputs its inputs
 * @param attributes its attributes
 * @returns the shape; undefined where one of the inputs has none
 * @throws ShapeError where the inputs do not fit
 */
export function shapeAfter<N extends OpName>(
  op: N,
  inputs: readonly OnnxValue[],
  attributes: Attributes<N, 'model'>,
): Shape | undefined {
  const shapes = inputs.map(({ shape }) => shape);
  return shapes.every((shape) => shape !== undefined)
    ? inferShapes(op, shapes as Shape[], attributes)[0]
    : undefined;
}

/**
 * A vector over the channel axis of a value.
 * @param draft model in the making
 * @param vector value with one axis
 * @param rank axes of the other value
 * @returns the vector with axes of 1 behind its own
 */
export function alongChannels(draft: OnnxDraft, vector: OnnxValue, rank: number): OnnxValue {
  const shape = [vector.shape?.[0] ?? -1, ...new Array<number>(rank - 2).fill(1)];
  return draft.add('Reshape', [vector, draft.ints(shape as number[])], {}, shape);
}
