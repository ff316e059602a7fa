/** Parsers of options that are numbers; commander shows what they throw beside the name of the option. */
import { InvalidArgumentError } from 'commander';

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** Numbers between commas. */
export const numbers = (text: string): number[] => text.split(',').map(number);

/** A whole number from `low` to `high`. */
export const integer =
  (low: number, high: number) =>
  (text: string): number => {
    const value = number(text);
    if (!Number.isInteger(value) || value < low || value > high)
      throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
    return value;
  };

/** A number above 0, at most `high`. */
export const positive =
  (high: number) =>
  (text: string): number => {
    const value = number(text);
    if (value <= 0 || value > high)
      throw new InvalidArgumentError(`It must be a number above 0, at most ${high}.`);
    return value;
  };
