/** The next whole number below. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Floor'> = unary({
  op: 'Floor',
  summary: 'largest integer below',
  plain: Math.floor,
  monotone: true,
  derivative: () => undefined,
  onnx: onnx('Floor'),
});

export const methods = {
  /**
   * The largest integer that is not larger, exact for the number that is held. A whole number that was computed may be held
   * as a unit in the last place less. Rounds: a truncation and a comparison.
   * @returns the shape of x
   */
  floor: () => ({ attributes: {} }),
};
