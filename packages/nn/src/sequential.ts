/** Modules one after another. */
import { type CrypTensor, tidy } from '@tacit/tensor';
import { Module } from './module.js';

/** Modules one after another; each value is freed after its use. */
export class Sequential extends Module {
  /**
   * A chain of modules with one input and one output each.
   * @param modules modules in their order
   */
  constructor(...modules: readonly Module[]) {
    super();
    this.submodules.push(...modules);
  }

  override forward(x: CrypTensor): CrypTensor {
    let y = x;
    for (const module of this.submodules) {
      const input = y;
      const next = tidy(x.context, () => module.forward(input));
      if (y !== x && y !== next) y.dispose();
      y = next;
    }
    return y;
  }
}
