/** How far apart two sets of weights look. */

/**
 * The Kolmogorov-Smirnov distance: the greatest difference of the two distribution functions.
 * @param a numbers; those that are not finite are passed over
 * @param b numbers, not necessarily as many
 * @returns from 0, the same distribution, to 1; 0 where one of them is empty
 * @example kolmogorovSmirnov([1, 2, 3, 4], [1, 2, 3, 5]); // 0.25
 */
export function kolmogorovSmirnov(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const x = sorted(a);
  const y = sorted(b);
  if (x.length === 0 || y.length === 0) return 0;
  let [i, j, distance] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const at = Math.min(x[i], y[j]);
    while (i < x.length && x[i] === at) i++;
    while (j < y.length && y[j] === at) j++;
    distance = Math.max(distance, Math.abs(i / x.length - j / y.length));
  }
  return distance;
}

const sorted = (values: ArrayLike<number>): Float64Array =>
  Float64Array.from(values).filter(Number.isFinite).sort();

/** Two histograms over the same bins. */
export interface Histograms {
  /** The middle of each bin. */
  readonly middles: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * How often numbers fall into bins of equal width.
 * @param before numbers; those that are not finite are passed over
 * @param after numbers
 * @param bins how many
 * @returns the counts of both
 * @example histograms([0, 1], [0, 0], 2); // { middles: [ 0.25, 0.75 ], before: [ 1, 1 ], after: [ 2, 0 ] }
 */
export function histograms(before: ArrayLike<number>, after: ArrayLike<number>, bins: number): Histograms {
  const [x, y] = [sorted(before), sorted(after)];
  const low = Math.min(x[0] ?? 0, y[0] ?? 0);
  const high = Math.max(x.at(-1) ?? 0, y.at(-1) ?? 0);
  const width = high > low ? (high - low) / bins : 1;
  const count = (values: Float64Array): number[] => {
    const counts = new Array<number>(bins).fill(0);
    for (const value of values) counts[Math.min(bins - 1, Math.floor((value - low) / width))]++;
    return counts;
  };
  const middles = Array.from({ length: bins }, (_, i) => low + (i + 0.5) * width);
  return { middles, before: count(x), after: count(y) };
}
