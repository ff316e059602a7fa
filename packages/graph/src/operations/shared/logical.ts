/** Operations on truth values, which are zeros and ones: constant almost everywhere, so without a gradient. */
import type { OperationDefinition } from '../../operation/definition.js';
import { between } from '../../plain/interval.js';
import { broadcast } from '../../shape/dims.js';
import { binary } from './elementwise.js';

export const logical = <Name extends 'And' | 'Or' | 'Xor'>(
  about: Pick<OperationDefinition<Name>, 'summary' | 'expand'> & {
    readonly op: Name;
    readonly plain: (x: number, y: number) => number;
  },
): OperationDefinition<Name> =>
  binary({
    ...about,
    derivative: () => [undefined, undefined],
    bounds: ([x, y]) => [between(broadcast(x.shape, y.shape) as number[], 0, 1)],
    values: [0, 1],
    onnx: { name: about.op, truths: [0, 1], type: 'bool' },
  });
