/**
 * Tests of frequencies whose false alarms are bounded for every number of samples, not approximated.
 *
 * The statistic is the chi-square of likelihood ratios, halved: g = sum of c ln(c / expected) over k bins. For N samples of
 * a known distribution, R. Agrawal ("Finite-sample concentration of the multinomial in relative entropy", IEEE
 * Transactions on Information Theory 66, 2020) bounds its moments by those of a gamma variable of shape d = k - 1, hence
 *
 *     P(g >= v) <= exp(-(v - d - d ln(v / d)))        for v > d
 *
 * Two samples of one unknown distribution, compared with their joint frequencies, have a smaller g than both have together
 * against the true distribution: the same with d = 2 (k - 1).
 */

/** Chance that all tests of one process together raise a false alarm. */
export const FALSE_ALARMS = 1e-9;
/** More tests than that are not made in one process: the chance of each is FALSE_ALARMS / MOST_TESTS. */
export const MOST_TESTS = 2e7;

const ALARM = -Math.log(FALSE_ALARMS / MOST_TESTS);
let made = 0;

type Frequencies = Uint32Array;

function total(counts: Frequencies): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

/** Minus the logarithm of a bound of the chance to see g or more. */
const bound = (g: number, d: number): number => (g > d ? g - d - d * Math.log(g / d) : 0);

/**
 * Whether frequencies are those of a uniform distribution.
 * @param counts of the bins
 * @returns minus the natural logarithm of a bound of the chance to see them
 */
export function surpriseOfUniform(counts: Frequencies): number {
  made++;
  const expected = total(counts) / counts.length;
  let g = 0;
  for (const count of counts) if (count > 0) g += count * Math.log(count / expected);
  return bound(g, counts.length - 1);
}

/**
 * Whether two samples are of one distribution.
 * @param a frequencies of the first
 * @param b frequencies of the second, of the same bins
 * @returns as surpriseOfUniform
 */
export function surpriseOfTwo(a: Frequencies, b: Frequencies): number {
  made++;
  const [inA, inB] = [total(a), total(b)];
  if (inA === 0 || inB === 0) return inA === inB ? 0 : Number.POSITIVE_INFINITY;
  const share = inA / (inA + inB);
  let g = 0;
  for (let i = 0; i < a.length; i++) {
    const both = a[i] + b[i];
    if (a[i] > 0) g += a[i] * Math.log(a[i] / (both * share));
    if (b[i] > 0) g += b[i] * Math.log(b[i] / (both * (1 - share)));
  }
  return bound(g, 2 * Math.max(1, a.length - 1));
}

/** Whether that is an alarm. @throws Error where more tests were made than the bound of false alarms allows */
export function isAlarm(surprise: number): boolean {
  if (made > MOST_TESTS)
    throw new Error(`${made} tests: MOST_TESTS is too small for the bound of false alarms`);
  return surprise > ALARM;
}
