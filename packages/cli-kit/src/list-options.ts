/** Parsers of options that may be given again, for commander. */

/**
 * All texts that were given.
 * @param text as on the command line
 * @param before those that came earlier
 * @returns all of them
 */
export const again = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/**
 * Names between commas, or by giving the option again.
 * @param text as on the command line
 * @param before names that came earlier
 * @returns all of them
 */
export const names = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text.split(',').filter((name) => name !== ''),
];
