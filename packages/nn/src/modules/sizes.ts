/** Sizes that constructors of modules take. */
import { ArgumentError } from '@tacit/errors';

/**
 * Checks sizes.
 * @param module name of the module
 * @param sizes sizes by the names of the arguments
 * @throws ArgumentError unless all are positive whole numbers
 */
export function requireSizes(module: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes))
    if (!Number.isInteger(size) || size < 1)
      throw new ArgumentError(`${module}: ${name} is ${String(size)} instead of a positive whole number`);
}
