/** Which layers are locked: a random choice, since who knows them knows where to look for what was changed. */
import { randomInt } from 'node:crypto';
import { ArgumentError } from '@tacit/errors';

/**
 * Chooses layers, every set of them with the same probability: drops one at random until few enough are left.
 * @param names layers in the order of the model
 * @param most how many are chosen at most
 * @returns the chosen ones, in the order of the model
 * @throws ArgumentError where `most` is not a whole number above 0
 * @example selectLayers(['conv1.weight', 'conv1.bias', 'fc.weight'], 2);
 */
export function selectLayers(names: readonly string[], most: number): string[] {
  if (!Number.isSafeInteger(most) || most < 1)
    throw new ArgumentError(`maxLayers is ${String(most)}; it must be a whole number above 0`);
  const chosen = [...names];
  // Partial Fisher-Yates on the names that go: `randomInt` is unbiased and draws from the system's generator.
  while (chosen.length > most) chosen.splice(randomInt(chosen.length), 1);
  return chosen;
}
