/** Layouts of comparisons, made once a plan: they have dozens of fields, and small tensors feel it. */
import type { TreePlan } from './tree.js';

export class LayoutCache<T> {
  readonly #known = new WeakMap<TreePlan, Map<string, T>>();

  get(key: string, plan: TreePlan, make: (plan: TreePlan) => T): T {
    let byKey = this.#known.get(plan);
    if (!byKey) {
      byKey = new Map();
      this.#known.set(plan, byKey);
    }
    let value = byKey.get(key);
    if (value === undefined) {
      value = make(plan);
      byKey.set(key, value);
    }
    return value;
  }
}
