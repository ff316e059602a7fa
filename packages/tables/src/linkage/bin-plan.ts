/**
 * In how many bins rows are put, and how many candidates a bin has room for: functions of the sizes of both tables only.
 *
 * Each of n rows goes into one of three bins that its key names, one row a bin (cuckoo hashing); each of m candidates of
 * the other table goes into all three of its own. So a row is compared with the candidates of one bin instead of all.
 * After B. Pinkas, T. Schneider, C. Weinert, U. Wieder, "Efficient circuit-based PSI via cuckoo hashing" (EUROCRYPT
 * 2018), with sizes from proven bounds instead of measured ones:
 *
 * - There is no way to place the rows only if some k of them know k - 1 bins altogether (Hall). The chance is at most
 *   the sum over k of C(n, k) C(B, k - 1) (C(k - 1, 3) / C(B, 3))^k.
 * - A bin has more than L candidates with at most the chance that a binomial variable of m trials and 3 / B exceeds L.
 */

/** Bins, and how rows and candidates are put in them. */
export interface BinPlan {
  /** With 'all' each row has a bin of its own, with all candidates. */
  readonly kind: 'all' | 'hashed';
  readonly bins: number;
  /** Candidates that a bin has room for. */
  readonly capacity: number;
}

/** Bins that a key names. */
export const CHOICES = 3;

/** Log of the chance that is left to each of both failures. */
const MOST = -41 * Math.LN2;
/** From one number of bins to the next one that is tried. */
const STEP = 1.04;

/**
 * The cheapest way to compare.
 * @param rows rows of the table that keeps its rows
 * @param candidates rows of the other one
 * @returns bins and their capacity; a hashed plan fails with a chance of 2^-40 at most
 * @example planBins(1000, 1000).bins;
 */
export function planBins(rows: number, candidates: number): BinPlan {
  const all: BinPlan = { kind: 'all', bins: rows, capacity: candidates };
  if (rows < 2 || candidates < 2) return all;
  // Even one candidate a bin would be more than all.
  if (rows * candidates <= rows) return all;
  const bins = fewestBins(rows);
  const capacity = capacityOf(candidates, bins);
  return bins * capacity < rows * candidates ? { kind: 'hashed', bins, capacity } : all;
}

function fewestBins(rows: number): number {
  let bins = Math.max(CHOICES, Math.ceil(1.3 * rows));
  while (obstruction(rows, bins) > MOST) bins = Math.ceil(bins * STEP);
  return bins;
}

/** Log of the bound of the chance that the rows do not fit. */
export function obstruction(rows: number, bins: number): number {
  const factorials = logFactorials(Math.max(rows, bins));
  const choose = (n: number, k: number) => factorials[n] - factorials[k] - factorials[n - k];
  const sets = choose(bins, CHOICES);
  let most = -Infinity;
  let sum = 0;
  for (let k = CHOICES + 1; k <= rows; k++) {
    const term = choose(rows, k) + choose(bins, k - 1) + k * (choose(k - 1, CHOICES) - sets);
    if (term > most) {
      sum = sum * Math.exp(most - term) + 1;
      most = term;
    } else sum += Math.exp(term - most);
  }
  return most + Math.log(sum);
}

function capacityOf(candidates: number, bins: number): number {
  if (bins <= CHOICES) return candidates;
  const factorials = logFactorials(candidates);
  const p = CHOICES / bins;
  const chance = (k: number) =>
    factorials[candidates] -
    factorials[k] -
    factorials[candidates - k] +
    k * Math.log(p) +
    (candidates - k) * Math.log1p(-p);
  let capacity = Math.ceil(candidates * p);
  for (; capacity + 2 <= candidates; capacity++) {
    // Beyond the mean chances fall at least as fast as a geometric series.
    const [first, second] = [chance(capacity + 1), chance(capacity + 2)];
    if (Math.log(bins) + first - Math.log1p(-Math.exp(second - first)) <= MOST) return capacity;
  }
  return candidates;
}

/** ln 0!, ln 1!, … */
function logFactorials(n: number): Float64Array {
  const table = new Float64Array(n + 1);
  for (let i = 2; i <= n; i++) table[i] = table[i - 1] + Math.log(i);
  return table;
}
