/** Frees intermediate results. */
import { BinaryTensor } from './binary-tensor.js';
import type { Context, Tracked } from './context.js';
import { CrypTensor } from './cryptensor.js';

/**
 * Runs f, which must not await, and disposes every tensor made in it but those that it returns (one, or several in an
 * array or object). They belong to the surrounding scope, if there is one.
 * @param context what the tensors of one party share
 * @param f function, which must not await
 * @returns the result of f
 * @example const y = tidy(x.context, () => x.mul(w).relu());
 */
export const tidy = <T>(context: Context, f: () => T): T => context.scope(f, valuesIn);

function valuesIn(result: unknown): Tracked[] {
  const own = trackedOf(result);
  if (own) return [own];
  if (typeof result !== 'object' || result === null) return [];
  return Object.values(result).flatMap((x) => trackedOf(x) ?? []);
}

/** What the context tracks of a tensor. */
function trackedOf(x: unknown): Tracked | undefined {
  if (x instanceof CrypTensor) return x.value;
  return x instanceof BinaryTensor ? x : undefined;
}
