/** A polynomial of degree 2 to 4 as factor · activation(x + shift) + constant: see `normalizeNetwork`. */
import {
  type Activation,
  evaluateActivation,
  MAX_DEGREE,
  normalizeNetwork,
  SparseMatrix,
} from '@tacit/he/network';
import { HeLayerError } from './errors.js';
import { activationInterval, type Interval } from './interval.js';

export interface PolynomialForm {
  readonly shift: number;
  readonly activation: Activation;
  readonly factor: number;
  readonly constant: number;
}

/** @param coefficients in ascending order; the degree must be 2, 3 or 4 */
export function polynomialForm(coefficients: readonly number[]): PolynomialForm {
  if (coefficients.some((c) => !Number.isFinite(c)))
    throw new HeLayerError(`A polynomial has the coefficients ${coefficients.join(', ')}.`);
  let degree = coefficients.length - 1;
  while (degree > 0 && coefficients[degree] === 0) degree--;
  if (degree < 2 || degree > MAX_DEGREE)
    throw new HeLayerError(`A polynomial has degree ${degree}; 2 to ${MAX_DEGREE} are supported.`);
  const one = {
    kind: 'affine',
    layers: [],
    shape: [1],
    matrix: SparseMatrix.identity(1),
    bias: new Float64Array(1),
  } as const;
  const { stages } = normalizeNetwork({
    input: { name: 'x', shape: [1] },
    output: { name: 'y', shape: [1] },
    stages: [one, { kind: 'polynomial', layers: [], shape: [1], coefficients }, one],
  });
  const [before, middle, after] = stages;
  if (before?.kind !== 'affine' || middle?.kind !== 'activation' || after?.kind !== 'affine')
    throw new HeLayerError(`The polynomial ${coefficients.join(', ')} has no normal form.`);
  return {
    shift: before.bias[0],
    activation: middle.activation,
    factor: after.matrix.values[0] ?? 0,
    constant: after.bias[0],
  };
}

export function evaluateForm({ shift, activation, factor, constant }: PolynomialForm, x: number): number {
  return factor * evaluateActivation(activation, x + shift) + constant;
}

export function formInterval(form: PolynomialForm, { low, high }: Interval): Interval {
  const { shift, factor, constant } = form;
  const inner = activationInterval(form.activation, {
    low: low.map((x) => x + shift),
    high: high.map((x) => x + shift),
  });
  const [a, b] = factor > 0 ? [inner.low, inner.high] : [inner.high, inner.low];
  return { low: a.map((y) => factor * y + constant), high: b.map((y) => factor * y + constant) };
}
