/** Sum, difference or product of two inputs, one of which may be a parameter. Broadcasts as NumPy does. */
import type { CrypTensor, Operand } from '@tacit/tensor';
import { Module } from '../module.js';
import type { Parameter } from '../parameter.js';

export type ElementwiseOp = 'add' | 'sub' | 'mul';

export class Elementwise extends Module {
  /** @param left @param right a parameter in place of an input, if any */
  constructor(
    readonly op: ElementwiseOp,
    readonly left?: Parameter,
    readonly right?: Parameter,
  ) {
    super();
    for (const p of [left, right]) if (p) this.ownParameters.push(p);
  }

  override *multiplied(): Generator<Parameter> {
    if (this.op === 'mul') yield* this.ownParameters;
  }

  override forward(...inputs: readonly CrypTensor[]): CrypTensor {
    if (this.left) return this.#withParameterLeft(inputs[0], this.left.operand);
    const right: Operand = this.right ? this.right.operand : inputs[1];
    return inputs[0][this.op](right);
  }

  #withParameterLeft(x: CrypTensor, left: Operand): CrypTensor {
    return this.op === 'sub' ? x.neg().add(left) : x[this.op](left);
  }
}
