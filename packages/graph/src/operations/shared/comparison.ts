/** Comparisons: zeros and ones, constant almost everywhere, so without a gradient. */
import type { OperationDefinition } from '../../operation/definition.js';
import { between } from '../../plain/interval.js';
import { broadcast } from '../../shape/dims.js';
import { binary } from './elementwise.js';

export const comparison = <Name extends string>(
  about: Pick<OperationDefinition<Name>, 'summary' | 'expand' | 'onnx'> & {
    readonly op: Name;
    readonly holds: (x: number, y: number) => boolean;
  },
): OperationDefinition<Name> => {
  const { holds, ...common } = about;
  return binary({
    ...common,
    plain: (x, y) => (holds(x, y) ? 1 : 0),
    derivative: () => [undefined, undefined],
    bounds: ([x, y]) => [between(broadcast(x.shape, y.shape) as number[], 0, 1)],
    // Close to each other and equal often enough.
    values: [-1, 0, 1, 1 - 2 ** -16, 2 ** -16, 1000],
  });
};
