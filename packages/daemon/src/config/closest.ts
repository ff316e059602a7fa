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

/** Letters that are inserted, removed or replaced (Levenshtein 1966). */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8 || a.length > 64) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[b.length] ?? Infinity;
}
