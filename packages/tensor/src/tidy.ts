/**
 * Frees intermediate results: what a function makes on the way to its result is disposed when it returns. Only the
 * order of creation counts, so nested scopes work, and two sessions do not meet.
 */
import type { Session } from '@tacit/mpc';
import { CrypTensor } from './cryptensor.js';

const scopes = new WeakMap<Session, (CrypTensor[] | undefined)[]>();

const stackOf = (session: Session): (CrypTensor[] | undefined)[] => {
  let stack = scopes.get(session);
  if (!stack) {
    stack = [];
    scopes.set(session, stack);
  }
  return stack;
};

/** Notes a new tensor in the innermost scope. */
export function track(tensor: CrypTensor): void {
  scopes.get(tensor.session)?.at(-1)?.push(tensor);
}

/** Runs f outside of all scopes: what it makes lives until somebody disposes it. */
export function untracked<T>(session: Session, f: () => T): T {
  const stack = scopes.get(session);
  if (!stack || stack.length === 0) return f();
  stack.push(undefined);
  try {
    return f();
  } finally {
    stack.pop();
  }
}

/**
 * Runs f, which must not await, and disposes every tensor made in it but those that it returns (one, or several in an
 * array or object). They belong to the surrounding scope, if there is one.
 */
export function tidy<T>(session: Session, f: () => T): T {
  const stack = stackOf(session);
  const made: CrypTensor[] = [];
  stack.push(made);
  let result: T;
  try {
    result = f();
  } catch (error) {
    stack.pop();
    for (const tensor of made) tensor.dispose();
    throw error;
  }
  stack.pop();
  const kept = new Set<unknown>(
    result instanceof CrypTensor || typeof result !== 'object' || result === null
      ? [result]
      : Object.values(result),
  );
  for (const tensor of made)
    if (kept.has(tensor)) track(tensor);
    else tensor.dispose();
  return result;
}
