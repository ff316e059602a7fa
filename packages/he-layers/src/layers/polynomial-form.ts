/** A polynomial of degree 2 to 4 as factor · activation(x + shift) + constant: see `normalizeNetwork`. */
import {
  activationInterval,
  degreeOf,
  evaluateActivation,
  type Interval,
  MAX_DEGREE,
  normalForm,
  type PolynomialForm,
} from '@tacit/he/network';
import { HeLayerError } from './errors.js';

export type { PolynomialForm };

/** @param coefficients in ascending order; the degree must be 2, 3 or 4 */
export function polynomialForm(coefficients: readonly number[]): PolynomialForm {
  if (coefficients.some((c) => !Number.isFinite(c)))
    throw new HeLayerError(`A polynomial has the coefficients ${coefficients.join(', ')}.`);
  const degree = degreeOf(coefficients);
  if (degree < 2 || degree > MAX_DEGREE)
    throw new HeLayerError(`A polynomial has degree ${degree}; 2 to ${MAX_DEGREE} are supported.`);
  return normalForm(coefficients);
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
