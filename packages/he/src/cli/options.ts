import { InvalidArgumentError } from 'commander';

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('not a number');
  return value;
}

export const numbers = (text: string): number[] => text.split(',').map(number);

/** A whole number in a range. */
export const integer =
  (low: number, high: number) =>
  (text: string): number => {
    const value = number(text);
    if (!Number.isInteger(value) || value < low || value > high)
      throw new InvalidArgumentError(`a whole number from ${low} to ${high}`);
    return value;
  };
