/** The error function and what belongs to it, in double precision. */

/**
 * erf(x), to 1e-15: a series near 0, the continued fraction of the complementary function elsewhere.
 * @param x any number
 * @returns erf(x)
 */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (z > 3) {
    if (z > 6) return Math.sign(x);
    let fraction = z;
    for (let k = 60; k > 0; k--) fraction = z + k / 2 / fraction;
    return Math.sign(x) * (1 - Math.exp(-z * z) / (fraction * Math.sqrt(Math.PI)));
  }
  let sum = 0;
  for (let term = x, k = 1; Math.abs(term) > 1e-18; k += 2) {
    sum += term;
    term *= (2 * x * x) / (k + 2);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/**
 * The distribution function of the standard normal distribution.
 * @param x any number
 * @returns the probability of less than x
 */
export const normalDistribution = (x: number): number => (1 + erf(x * Math.SQRT1_2)) / 2;
