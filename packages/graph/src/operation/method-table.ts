/** The methods of all operations, to be put on the prototype of a class of tensors. */
import * as modules from '../operations/index.js';
import type { Invocation, MethodEntry, MethodsOf, Shaped } from './methods.js';
import type { Attributes, OpName } from './registry.js';

/**
 * Every method with the operation that it calls.
 * @example methodTable().map(({ name }) => name); // [ 'abs', 'add', … ]
 */
export function methodTable(): readonly MethodEntry[] {
  return Object.entries(modules).flatMap(([op, module]) => {
    const methods = 'methods' in module ? (module.methods as MethodsOf<object>) : {};
    return Object.entries(methods).map(([name, invoke]) => ({
      name,
      op: op as OpName,
      invoke: invoke as unknown as (x: Shaped, ...args: unknown[]) => Invocation<Attributes>,
    }));
  });
}
