/** Public values to integers (towards zero) or booleans. */
import type { PublicDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';

interface CastAttributes {
  readonly to: 'int' | 'bool';
}

export const definition: PublicDefinition<'Cast', CastAttributes> = {
  op: 'Cast',
  summary: 'public values to integers or booleans',
  publicOnly: true,
  attributes: { to: ['int', 'bool'] },
  arity: [1, 1],
  infer: ([x]) => [x],
  evaluate: ([x], { to }) => [map(x, to === 'int' ? (v) => Math.trunc(v) : (v) => (v === 0 ? 0 : 1))],
  examples: [{ shapes: [[4]], attributes: { to: 'int' } }],
};
