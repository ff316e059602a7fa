/** y = x * scale + shift along one axis: what is left of a normalisation that no neighbour could take. */
import type { CrypTensor } from '@tacit/tensor';
import { Module } from '../module.js';
import type { Parameter } from '../parameter.js';

export class Affine extends Module {
  constructor(
    readonly scale: Parameter,
    readonly shift: Parameter,
    readonly axis: number,
  ) {
    super();
    this.ownParameters.push(scale, shift);
  }

  override *multiplied(): Generator<Parameter> {
    yield this.scale;
  }

  override forward(x: CrypTensor): CrypTensor {
    const along = (p: Parameter) =>
      p.operand.reshape([p.shape[0], ...new Array(x.rank - 1 - this.axis).fill(1)]);
    return x.mul(along(this.scale)).add(along(this.shift));
  }
}
