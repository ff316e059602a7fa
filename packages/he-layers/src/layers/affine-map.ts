/** y = matrix · x + bias, as the arithmetics want it. */
import type { SparseMatrix } from '@tacit/he/network';

export class AffineMap {
  /**
   * The value of all weights, if they are equal: such a map is sums and at most one product a row. Identities,
   * selections and pools are of this kind.
   */
  readonly commonWeight: number | undefined;

  constructor(
    readonly matrix: SparseMatrix,
    readonly bias: Float64Array | undefined,
  ) {
    const { values } = matrix;
    const first = values[0];
    this.commonWeight = values.length > 0 && values.every((value) => value === first) ? first : undefined;
  }

  shift(row: number): number {
    return this.bias?.[row] ?? 0;
  }

  apply(values: ArrayLike<number>): Float64Array {
    return this.matrix.apply(values, this.bias);
  }
}
