/** A module from a function. */
import type { CrypTensor } from '@tacit/tensor';
import { Module } from '../module.js';

/** A module without parameters, from a function. */
export class Lambda extends Module {
  readonly #apply: (...inputs: readonly CrypTensor[]) => CrypTensor;
  /**
   * A module that computes a function.
   * @param apply function of the inputs
   * @example new nn.Lambda((x) => x.mul(2))
   */
  constructor(apply: (...inputs: readonly CrypTensor[]) => CrypTensor) {
    super();
    this.#apply = apply;
  }
  override forward(...inputs: readonly CrypTensor[]): CrypTensor {
    return this.#apply(...inputs);
  }
}
