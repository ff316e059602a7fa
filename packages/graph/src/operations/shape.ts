/** The sizes of a value's axes: public, even of a secret one. */
import type { PublicDefinition } from '../operation/definition.js';
import { plainTensor } from '../plain/plain-tensor.js';

interface ShapeAttributes {
  readonly start: number;
  readonly end: number;
}

export const definition: PublicDefinition<'Shape', ShapeAttributes> = {
  op: 'Shape',
  summary: 'sizes of the axes start..end',
  publicOnly: true,
  attributes: { start: 'axis', end: 'axis' },
  arity: [1, 1],
  infer: (_inputs, { start, end }) => [[Math.max(0, end - start)]],
  evaluate([x], { start, end }) {
    const sizes = x.shape.slice(start, end);
    return [plainTensor([sizes.length], sizes)];
  },
  examples: [{ shapes: [[2, 3, 4]], attributes: { start: 1, end: 3 } }],
};
