/** The next whole number below, of public values. */
import type { None, PublicDefinition } from '../operation/definition.js';
import { unary } from './shared/elementwise.js';

export const definition: PublicDefinition<'Floor', None> = {
  ...unary({
    op: 'Floor',
    summary: 'largest integer below, public',
    plain: Math.floor,
    onnx: { name: 'Floor', note: 'public values only' },
  }),
  publicOnly: true,
};
