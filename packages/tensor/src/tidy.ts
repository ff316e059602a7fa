/** Frees intermediate results. */
import type { Context } from './context.js';
import { CrypTensor } from './cryptensor.js';

/**
 * Runs f, which must not await, and disposes every tensor made in it but those that it returns (one, or several in an
 * array or object). They belong to the surrounding scope, if there is one.
 * @param context what the tensors of one party share
 * @param f function, which must not await
 * @returns the result of f
 * @example const y = tidy(x.context, () => x.mul(w).relu());
 */
export const tidy = <T>(context: Context, f: () => T): T =>
  context.scope(f, (result) => tensorsIn(result).map(({ value }) => value));

function tensorsIn(result: unknown): CrypTensor[] {
  if (result instanceof CrypTensor) return [result];
  if (typeof result !== 'object' || result === null) return [];
  return Object.values(result).filter((x) => x instanceof CrypTensor);
}
