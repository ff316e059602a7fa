/** The option --public NAME=NUMBER[,NUMBER...]. */
import { InvalidArgumentError } from 'commander';

/** Inputs that everybody may know, by name. */
export type PublicInputs = Readonly<Record<string, number | readonly number[]>>;

export const PUBLIC_FLAG = '--public <NAME=NUMBER[,NUMBER...]>';

/** Adds an input and its value to those before. */
export function publicInput(text: string, before: PublicInputs = {}): PublicInputs {
  const match = /^([^=]+)=(.+)$/s.exec(text);
  const numbers = match?.[2].split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part))) ?? [];
  if (!match || numbers.some(Number.isNaN))
    throw new InvalidArgumentError('It must be NAME=NUMBER or NAME=NUMBER,NUMBER,...');
  if (Object.hasOwn(before, match[1])) throw new InvalidArgumentError(`There are two values of ${match[1]}.`);
  return { ...before, [match[1]]: numbers.length === 1 ? numbers[0] : numbers };
}
