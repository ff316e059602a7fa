/** start, start + delta, ... below limit; public. */
import { ShapeError } from '@tacit/errors';
import type { None, PublicDefinition } from '../operation/definition.js';
import { plainTensor } from '../plain/plain-tensor.js';
import { UNKNOWN } from '../shape/dims.js';
import { MAX_PUBLIC_ELEMENTS } from './constant-of-shape.js';

/**
 * The numbers of a range.
 * @param start first number
 * @param limit number before which the range ends
 * @param delta step
 * @returns the numbers
 * @throws ShapeError where there are too many
 * @example listRange(0, 3, 1); // Float64Array(3) [ 0, 1, 2 ]
 */
export function listRange(start: number, limit: number, delta: number): Float64Array {
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!(count <= MAX_PUBLIC_ELEMENTS)) throw new ShapeError(`from ${start} to ${limit} by ${delta}`);
  return Float64Array.from({ length: count }, (_, i) => start + i * delta);
}

export const definition: PublicDefinition<'Range', None> = {
  op: 'Range',
  summary: 'start, start + delta, ... below limit; public',
  publicOnly: true,
  attributes: {},
  arity: [3, 3],
  // Its length follows from its values.
  infer: () => [[UNKNOWN]],
  evaluate(inputs) {
    const [start, limit, delta] = inputs.map((input) => input.data[0]);
    const data = listRange(start, limit, delta);
    return [plainTensor([data.length], data)];
  },
  examples: [],
};
