/** 1 - x of zeros and ones. */
import type { OperationDefinition } from '../operation/definition.js';
import { between } from '../plain/interval.js';
import { unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Not'> = {
  ...unary({
    op: 'Not',
    summary: '1 - x of zeros and ones',
    plain: (x) => (x === 0 ? 1 : 0),
    expand: (k, [x]) => [k.sub(1, x)],
    derivative: () => undefined,
    bounds: ([{ shape }]) => [between(shape, 0, 1)],
    onnx: { name: 'Not', truths: [0], type: 'bool' },
  }),
  examples: [[6], [2, 3], [], [0]].map((shape) => ({
    shapes: [shape],
    attributes: {},
    values: [0, 1],
    kinks: true,
  })),
};

export const methods = {};
