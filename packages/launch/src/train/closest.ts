/** The name that was probably meant. */

/**
 * What is added to a complaint about an unknown name.
 * @param name as it was written
 * @param known names that there are
 * @returns `; did you mean 'x'?`, or an empty text
 */
export function meant(name: string, known: readonly string[]): string {
  const distances = known.map((k) => [distance(name.toLowerCase(), k.toLowerCase()), k] as const);
  const [[least, best] = [Infinity, '']] = distances.sort(([a], [b]) => a - b);
  return least <= Math.max(1, Math.floor(name.length / 3)) ? `; did you mean '${best}'?` : '';
}

/** Letters that are inserted, removed or replaced (Levenshtein 1966). */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8 || a.length > 64) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
