/** Axes as one. */
import type { CrypTensor } from '@tacit/tensor';
import { Module } from '../module.js';

/** All axes from one on as one. No round. */
export class Flatten extends Module {
  /**
   * A view of each example as a vector.
   * @param startAxis first of the axes that become one; default 1, behind the batch
   */
  constructor(readonly startAxis = 1) {
    super();
  }
  override forward(x: CrypTensor): CrypTensor {
    const kept = x.shape.slice(0, this.startAxis);
    return x.reshape([...kept, x.shape.slice(this.startAxis).reduce((a, b) => a * b, 1)]);
  }
}
