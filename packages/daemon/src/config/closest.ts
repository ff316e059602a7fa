/** The name that was probably meant. */

/**
 * The name that is nearest to one that does not exist.
 * @param name as it was written
 * @param known names that there are
 * @returns undefined where none is near
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((k) => [distance(name.toLowerCase(), k.toLowerCase()), k] as const);
  const [[least, best] = [Infinity, undefined]] = distances.sort(([a], [b]) => a - b);
  return least <= Math.max(1, Math.floor(name.length / 3)) ? best : undefined;
}

/** Letters that are inserted, removed, replaced, or swapped with their neighbour (Damerau 1964, Levenshtein 1966). */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8 || a.length > 64) return Infinity;
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const swapped =
        i > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped));
    }
  }
  return at(a.length, b.length);
}
