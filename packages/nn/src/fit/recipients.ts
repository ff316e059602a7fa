/** Who is told what of a training or an evaluation. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import type { CrypTensor } from '@tacit/tensor';

/** All parties, or the rank of one. */
export type Recipient = 'all' | number;

/**
 * Checks who is to be told.
 * @param what whose option it is, for errors
 * @param reveal recipients by what they are told
 * @param known what can be told, and other options
 * @param parties how many there are
 * @throws ArgumentError for something else, and for parties that do not exist
 */
export function checkRecipients(
  what: string,
  reveal: Readonly<Record<string, unknown>>,
  known: readonly string[],
  parties: number,
): void {
  checkOptions(`${what}: reveal`, reveal, known);
  for (const [name, to] of Object.entries(reveal)) {
    if (name === 'every') continue;
    // What is misspelt or undefined must not become everybody, nor nobody.
    if (to !== 'all' && !(Number.isInteger(to) && (to as number) >= 0 && (to as number) < parties))
      throw new ArgumentError(
        `${what}: reveal.${name} is 'all' or the rank of a party, 0 to ${parties - 1}, not ${String(to)}`,
      );
  }
}

/** The number of a tensor of one element, where it is told. */
export const told = (x: CrypTensor, to: Recipient): Promise<number | undefined> =>
  to === 'all' ? x.item() : x.item({ to });
