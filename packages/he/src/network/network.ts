/**
 * A network as homomorphic encryption sees it: a chain of affine maps and polynomials that act on every element.
 * Convolutions, pools, batch normalisation, padding and reshaping are all affine, so they are one sparse matrix each
 * time, however many layers they were in the file.
 */
import type { SparseMatrix } from './sparse-matrix.js';

/** y = matrix · x + bias. */
export interface AffineStage {
  readonly kind: 'affine';
  /** Names of the layers that it is made of. */
  readonly layers: readonly string[];
  /** Shape of y without the batch axis. */
  readonly shape: readonly number[];
  readonly matrix: SparseMatrix;
  readonly bias: Float64Array;
}

/** y = coefficients[0] + coefficients[1] x + ..., element by element. */
export interface PolynomialStage {
  readonly kind: 'polynomial';
  readonly layers: readonly string[];
  readonly shape: readonly number[];
  readonly coefficients: readonly number[];
}

export type Stage = AffineStage | PolynomialStage;

export interface PolynomialNetwork {
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  readonly output: { readonly name: string; readonly shape: readonly number[] };
  /** Affine and polynomial stages in turn; the first and the last are affine. */
  readonly stages: readonly Stage[];
}

/**
 * Number of elements. Here and not from `@tacit/graph`, so that clients in browsers need no graphs.
 * @param shape sizes of the axes
 * @returns their product
 */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * Value of a polynomial by Horner's rule; coefficients in ascending order.
 * @param coefficients c0, c1, …
 * @param x argument
 * @returns c0 + c1 x + …
 */
export function evaluatePolynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) value = value * x + (coefficients[i] as number);
  return value;
}

/** The network on one plain input, in double precision. */
export function evaluateNetwork(
  network: PolynomialNetwork,
  input: ArrayLike<number>,
  onStage?: (stage: Stage, value: Float64Array, index: number) => void,
): Float64Array {
  let value: Float64Array = Float64Array.from(input);
  network.stages.forEach((stage, index) => {
    value =
      stage.kind === 'affine'
        ? stage.matrix.apply(value, stage.bias)
        : value.map((x) => evaluatePolynomial(stage.coefficients, x));
    onStage?.(stage, value, index);
  });
  return value;
}
