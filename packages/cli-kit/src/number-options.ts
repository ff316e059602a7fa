/**
 * Parsers of options that are numbers, for commander, which shows the message of the InvalidArgumentError that they throw
 * beside the name of the option.
 */
import { InvalidArgumentError } from 'commander';

/**
 * A number.
 * @param text as on the command line
 * @returns any finite number
 * @throws InvalidArgumentError on anything else, an empty text too
 */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/**
 * Numbers between commas.
 * @param text as on the command line
 * @returns at least one number
 */
export const numbers = (text: string): number[] => text.split(',').map(number);

/**
 * A whole number in a range.
 * @param low the least that is taken
 * @param high the greatest that is taken
 * @returns the parser
 * @throws InvalidArgumentError, from the parser
 */
export const integer =
  (low: number, high: number) =>
  (text: string): number => {
    const value = number(text);
    if (!Number.isInteger(value) || value < low || value > high)
      throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
    return value;
  };

/**
 * A number above 0.
 * @param high the greatest that is taken
 * @returns the parser
 * @throws InvalidArgumentError, from the parser
 */
export const positive =
  (high: number) =>
  (text: string): number => {
    const value = number(text);
    if (value <= 0 || value > high)
      throw new InvalidArgumentError(`It must be a number above 0, at most ${high}.`);
    return value;
  };
