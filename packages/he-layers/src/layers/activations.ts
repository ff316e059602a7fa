/** Polynomials of every element. */

import { evaluatePolynomial, type Interval } from '@tacit/he/network';
import type { EncodedLayer } from './layer.js';
import { evaluateForm, formInterval, type PolynomialForm, polynomialForm } from './polynomial-form.js';
import { EncryptedTensor } from './tensor.js';

export interface PolynomialOptions {
  /** In ascending order; degree 2 to 4. */
  readonly coefficients: readonly number[];
  readonly name?: string;
}

/**
 * A polynomial of degree 2, 3 or 4. It is evaluated in the form with the fewest products (see `normalizeNetwork`): one
 * product of ciphertexts for degree 2, two for 3 and 4, and as many levels in CKKS.
 */
export class Polynomial implements EncodedLayer {
  readonly kind: string = 'Polynomial';
  readonly name: string;
  readonly coefficients: readonly number[];
  /** How it is evaluated. */
  readonly form: PolynomialForm;

  /**
   * Chooses the form in which it is evaluated.
   * @param options coefficients and name
   * @throws HeLayerError for coefficients that are not finite, or another degree
   */
  constructor({ coefficients, name = 'polynomial' }: PolynomialOptions) {
    this.name = name;
    this.coefficients = coefficients;
    this.form = polynomialForm(coefficients);
  }

  outputShape(input: readonly number[]): readonly number[] {
    return input;
  }

  forward<C extends object>(x: EncryptedTensor<C>): EncryptedTensor<C> {
    const output = formInterval(this.form, x.interval);
    const elements = x.arithmetic.polynomial(x.elements, this.form, { input: x.interval, output }, this.name);
    return EncryptedTensor.of(x.arithmetic, x.shape, x.images, output, elements);
  }

  plain(values: ArrayLike<number>): Float64Array {
    return Float64Array.from(values, (x) => evaluateForm(this.form, x));
  }

  pullback(gradient: ArrayLike<number>, values: ArrayLike<number>): Float64Array {
    const slopes = this.coefficients.slice(1).map((c, k) => c * (k + 1));
    return Float64Array.from(values, (x, i) => gradient[i] * evaluatePolynomial(slopes, x));
  }

  bounds(input: Interval): Interval {
    return formInterval(this.form, input);
  }
}

/** x² of every element. */
export class Square extends Polynomial {
  override readonly kind = 'Square';

  /**
   * The polynomial [0, 0, 1].
   * @param options its name
   */
  constructor({ name = 'square' }: { name?: string } = {}) {
    super({ coefficients: [0, 0, 1], name });
  }
}
