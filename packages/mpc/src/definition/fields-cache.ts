/** Random fields made once for equal parameters: those of comparisons are dozens, and small tensors feel it. */
import { remembered } from '../runtime/remembered.js';

/**
 * A function of parameters that is computed once for each plan and key.
 * @param planOf an object that is the same for equal parameters, such as the plan of a tree
 * @param keyOf the parameters that `make` uses beside the plan, as text
 * @param make computes the fields
 */
export function oncePerPlan<P, Plan extends object, F>(
  planOf: (parameters: P) => Plan,
  keyOf: (parameters: P) => string,
  make: (parameters: P, plan: Plan) => F,
): (parameters: P) => F {
  const known = new WeakMap<Plan, Map<string, F>>();
  return (parameters) => {
    const plan = planOf(parameters);
    const byKey = remembered(known, plan, () => new Map<string, F>());
    return remembered(byKey, keyOf(parameters), () => make(parameters, plan));
  };
}
