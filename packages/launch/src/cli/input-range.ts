/** The option --input-range LOW:HIGH. */
import { InvalidArgumentError } from 'commander';

export function inputRange(text: string): readonly [low: number, high: number] {
  const match = /^([^:]+):([^:]+)$/.exec(text);
  const [low, high] = [Number(match?.[1] ?? Number.NaN), Number(match?.[2] ?? Number.NaN)];
  if (!(low <= high) || !Number.isFinite(low) || !Number.isFinite(high))
    throw new InvalidArgumentError('It must be two numbers, the lower first, as in -1:1.');
  return [low, high];
}
