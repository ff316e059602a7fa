/** Public indices, as constants or computed from shapes: attributes of operations that select or write by them. */
import { isNumeric, type OpenInts, show, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';

/** Indices in a row, with the shape that they have. */
export interface OpenIndices {
  readonly indices: OpenInts;
  readonly shape: readonly number[];
}

/** Reads indices, which must not be secret. */
export function readIndices(context: NodeContext, value: Value): OpenIndices {
  const shape = context.shape(value);
  if (value.kind === 'secret')
    context.fail('the indices depend on secret data; they must follow from constants and shapes');
  if (!isNumeric(shape)) return context.fail(`the shape ${show(shape)} of the indices must be known`);
  const row =
    shape.length === 1 ? value : context.emit('Reshape', [value], { shape: [-1], allowZero: true }, 'int');
  return { indices: shape.includes(0) ? [] : context.publicInts(row, 'the indices'), shape };
}
