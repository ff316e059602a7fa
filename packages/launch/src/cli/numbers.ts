/** Numbers on the command line. Each throws InvalidArgumentError, which says what is expected. */
import { InvalidArgumentError } from 'commander';

export const whole = (least: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > 1e9)
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  return value;
};

export const seconds = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 2e6))
    throw new InvalidArgumentError('It must be a positive number of seconds.');
  return value;
};
