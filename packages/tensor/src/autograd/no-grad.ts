/** Whether operations are noted for gradients. */
import { ArgumentError } from '@tacit/errors';

let off = 0;

export const gradientsAreOn = (): boolean => off === 0;

/**
 * Runs f without noting its operations for gradients: what it computes has no history, and keeps nothing alive.
 * @param f function, which must not await
 * @returns the result of f
 * @throws ArgumentError where f returns a promise: what runs meanwhile would not be noted either
 * @example const accuracy = noGrad(() => model.forward(x).argmax(1).eq(labels).mean());
 */
export function noGrad<T>(f: () => T): T {
  off++;
  try {
    const result = f();
    if (result instanceof Promise)
      throw new ArgumentError('noGrad takes a function that does not await: await what it returns outside');
    return result;
  } finally {
    off--;
  }
}
