/** Fully connected layer: y = x W + b, W of shape [in, out]. One round where x is not masked yet, else none. */
import type { CrypTensor } from '@tacit/tensor';
import { Module } from '../module.js';
import type { Parameter } from '../parameter.js';

/** Fully connected layer, y = x W + b. */
export class Linear extends Module {
  /**
   * A layer with these weights.
   * @param weight weights [in, out]
   * @param bias bias [out]; none by default
   */
  constructor(
    readonly weight: Parameter,
    readonly bias?: Parameter,
  ) {
    super();
    this.ownParameters.push(weight, ...(bias ? [bias] : []));
  }

  override *multiplied(): Generator<Parameter> {
    yield this.weight;
  }

  override forward(x: CrypTensor): CrypTensor {
    const y = x.matmul(this.weight.operand);
    return this.bias ? y.add(this.bias.operand) : y;
  }
}
