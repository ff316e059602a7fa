/** The private backend: operations on secrets, owned and public values, by the kernels of `kernels/`. */
import { type Attributes, type Backend, type ConcreteOpName, definitionOf, type Kernel } from '@tacit/graph';
import type { FixedPoint, ValueContext } from './fixed-point/fixed-point.js';
import { kernels } from './kernels/index.js';
import type { PrivateKernel } from './kernels/kernel.js';
import { isPlain, isSecret, type PrivateValue } from './private-value.js';

/** A context that frees what is made on the way. */
export interface ScopedContext extends ValueContext {
  /** Runs f and disposes every value made in it but those that are kept. */
  scope<T>(f: () => T, kept: (result: T) => Iterable<unknown>): T;
  /** A new handle to the same value, with its history. */
  alias(x: FixedPoint): FixedPoint;
  /** Sees every operation when it has been issued; for the twin. */
  readonly observer?: (operation: {
    readonly op: ConcreteOpName;
    readonly inputs: readonly PrivateValue[];
    readonly attributes: object;
    readonly results: readonly PrivateValue[];
  }) => void;
}

export function privateBackend(context: ScopedContext): Backend<PrivateValue> {
  return {
    name: 'in private',
    kernels: Object.fromEntries(
      Object.entries(kernels).map(([op, kernel]) => [
        op,
        bound(context, op as ConcreteOpName, kernel as PrivateKernel<ConcreteOpName>),
      ]),
    ),
    shapeOf: ({ shape }) => shape,
    constant: (x) => x,
    scope: (f) => context.scope(f, (results) => results),
    dispose: (x) => {
      if (isSecret(x)) x.dispose();
    },
  };
}

/** A kernel that frees what it makes on the way. What is public throughout is computed in the clear. */
function bound(
  context: ScopedContext,
  op: ConcreteOpName,
  kernel: PrivateKernel<ConcreteOpName>,
): Kernel<PrivateValue, Attributes<ConcreteOpName>> {
  return (inputs, attributes, shapes) => {
    const known = inputs.filter(isPlain);
    if (known.length === inputs.length) return definitionOf(op).evaluate(known, attributes);
    return context.scope(
      () => {
        const results = kernel(context, inputs, attributes, shapes);
        // A value that passes through is disposed by its owner: what comes out is a handle of its own.
        const made = results.map((y) => (isSecret(y) && inputs.includes(y) ? context.alias(y) : y));
        context.observer?.({ op, inputs, attributes, results: made });
        return made;
      },
      (results) => results,
    );
  };
}
