/** Modules one after another. */
import { type CrypTensor, tidy } from '@tacit/tensor';
import { Module } from './module.js';

export class Sequential extends Module {
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
