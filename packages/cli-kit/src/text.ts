/** Text for terminals. */

/**
 * An amount of memory or traffic.
 * @param count in bytes
 * @returns three digits and a decimal unit, e.g. `1.23 MB`
 */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1e6) return `${(count / 1e3).toPrecision(3)} kB`;
  if (count < 1e9) return `${(count / 1e6).toPrecision(3)} MB`;
  return `${(count / 1e9).toPrecision(3)} GB`;
}

/**
 * Columns side by side: the first two, which are names, to the left, numbers to the right.
 * @param head title of each column
 * @param rows cells of each row, as many as titles or fewer
 * @returns the lines, the titles first
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/**
 * A line on stderr, about how it goes.
 * @param text without its end
 */
export const note = (text: string): void => void process.stderr.write(`${text}\n`);
