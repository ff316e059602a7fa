/** Product along axes, of public values. */
import type { PublicDefinition } from '../operation/definition.js';
import { type ReduceAttributes, reduction } from './shared/reduction.js';

export const definition: PublicDefinition<'ReduceProd', ReduceAttributes> = {
  ...reduction({ op: 'ReduceProd', summary: 'product along axes, public', mode: 'prod' }),
  publicOnly: true,
};
