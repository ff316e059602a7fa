/**
 * Brings every polynomial to the form that costs least on ciphertexts, by moving factors and shifts into the affine
 * maps on both sides:
 *
 *   degree 2:  a x^2 + b x + c      = a (x + b/2a)^2 + const                       ->  u^2
 *   degree 3:  a x^3 + b x^2 + ...  = a (u^3 + p u) + const,   u = x + b/3a        ->  u (u^2 + p)
 *   degree 4:  a x^4 + b x^3 + ...  = a (u^4 + p u^2 + r u) + const, u = x + b/4a  ->  (u^2 + p/2)^2 + r u
 *
 * (the Tschirnhaus substitution).
 */
import { HeModelError } from './errors.js';
import type { AffineStage, PolynomialNetwork } from './network.js';

/** An activation in normal form. */
export type Activation =
  | { readonly kind: 'square' }
  /** u (u^2 + p) */
  | { readonly kind: 'cubic'; readonly p: number }
  /** (u^2 + p/2)^2 + r u */
  | { readonly kind: 'quartic'; readonly p: number; readonly r: number };

export interface ActivationStage {
  readonly kind: 'activation';
  readonly layers: readonly string[];
  readonly shape: readonly number[];
  readonly activation: Activation;
}

export interface NormalNetwork extends Omit<PolynomialNetwork, 'stages'> {
  /** Affine maps and activations in turn; the first and the last are affine. */
  readonly stages: readonly (AffineStage | ActivationStage)[];
}

/**
 * Levels of the modulus chain that an activation uses up.
 * @param activation in normal form
 * @returns 1 for squares, else 2
 */
export const activationDepth = (activation: Activation): number => (activation.kind === 'square' ? 1 : 2);

/**
 * The normal form on a plain number.
 * @param activation in normal form
 * @param u argument
 * @returns its value
 */
export function evaluateActivation(activation: Activation, u: number): number {
  switch (activation.kind) {
    case 'square':
      return u * u;
    case 'cubic':
      return u * (u * u + activation.p);
    case 'quartic':
      return (u * u + activation.p / 2) ** 2 + activation.r * u;
  }
}

/**
 * Moves factors and shifts of polynomials into the affine maps beside them.
 * @param network chain of affine maps and polynomials of degree 2 to 4
 * @returns the same function with activations in normal form
 * @throws HeModelError (HE_MODEL) where a polynomial does not follow an affine map
 */
export function normalizeNetwork(network: PolynomialNetwork): NormalNetwork {
  const stages: (AffineStage | ActivationStage)[] = [];
  /** What the next affine map has to apply to its input first: a·x + c. */
  let pending = { a: 1, c: 0 };
  for (const stage of network.stages) {
    if (stage.kind === 'affine') {
      const { a, c } = pending;
      pending = { a: 1, c: 0 };
      const shift =
        c === 0 ? stage.bias : stage.matrix.apply(new Float64Array(stage.matrix.columns).fill(c), stage.bias);
      stages.push({ ...stage, matrix: a === 1 ? stage.matrix : stage.matrix.scaled(a), bias: shift });
      continue;
    }
    const { activation, shift, factor, constant } = normalForm(stage.coefficients);
    const before = stages.pop();
    if (before?.kind !== 'affine') throw new HeModelError('A polynomial does not follow an affine map.');
    stages.push({ ...before, bias: before.bias.map((b) => b + shift) });
    stages.push({ kind: 'activation', layers: stage.layers, shape: stage.shape, activation });
    pending = { a: factor, c: constant };
  }
  return { ...network, stages };
}

/** x -> factor · activation(x + shift) + constant. */
export interface PolynomialForm {
  readonly activation: Activation;
  readonly shift: number;
  readonly factor: number;
  readonly constant: number;
}

/**
 * @param coefficients in ascending order, of degree 2 to 4
 * @returns the normal form, and what is around it
 */
export function normalForm(coefficients: readonly number[]): PolynomialForm {
  const [c0 = 0, c1 = 0, c2 = 0, c3 = 0, c4 = 0] = coefficients;
  const degree = degreeOf(coefficients);
  if (degree === 2) {
    const shift = c1 / (2 * c2);
    return { activation: { kind: 'square' }, shift, factor: c2, constant: c0 - c2 * shift * shift };
  }
  if (degree === 3) {
    const s = c2 / (3 * c3);
    // c3 (u^3 + p u) + constant with u = x + s
    const p = c1 / c3 - 3 * s * s;
    return { activation: { kind: 'cubic', p }, shift: s, factor: c3, constant: c0 - c3 * (s ** 3 + p * s) };
  }
  const s = c3 / (4 * c4);
  const p = c2 / c4 - 6 * s * s;
  const r = c1 / c4 - 4 * s ** 3 - 2 * p * s;
  // c4 ((u^2 + p/2)^2 + r u) holds c4 p^2/4 that the polynomial does not.
  const constant = c0 - c4 * (s ** 4 + p * s * s + r * s) - (c4 * p * p) / 4;
  return { activation: { kind: 'quartic', p, r }, shift: s, factor: c4, constant };
}

/**
 * Degree of a polynomial whose highest coefficients may be 0.
 * @param coefficients in ascending order
 * @returns number of the last coefficient that is not 0; 0 for constants
 */
export function degreeOf(coefficients: readonly number[]): number {
  let degree = coefficients.length - 1;
  while (degree > 0 && coefficients[degree] === 0) degree--;
  return degree;
}

/**
 * The normal network on one plain input, in double precision.
 * @param network in normal form
 * @param input flat, row-major
 * @param onStage called with the values after each stage
 * @returns the output, flat
 */
export function evaluateNormal(
  network: NormalNetwork,
  input: ArrayLike<number>,
  onStage?: (value: Float64Array, index: number) => void,
): Float64Array {
  let value: Float64Array = Float64Array.from(input);
  network.stages.forEach((stage, index) => {
    value =
      stage.kind === 'affine'
        ? stage.matrix.apply(value, stage.bias)
        : value.map((u) => evaluateActivation(stage.activation, u));
    onStage?.(value, index);
  });
  return value;
}
