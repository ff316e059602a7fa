/** Sizes and numbers that constructors of modules take. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';

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

/**
 * Checks a number.
 * @param module name of the module
 * @param name name of the argument
 * @param value what was given
 * @param least least value
 * @param most greatest value
 * @returns the number
 * @throws ArgumentError unless it is a finite number in the range
 */
export function requireReal(
  module: string,
  name: string,
  value: number,
  least = -Infinity,
  most = Infinity,
): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most) return value;
  const range = Number.isFinite(least)
    ? ` from ${least}${Number.isFinite(most) ? ` to ${most}` : ' on'}`
    : '';
  throw new ArgumentError(`${module}: ${name} is ${String(value)} instead of a number${range}`);
}

/**
 * Checks a truth value.
 * @param module name of the module
 * @param name name of the option
 * @param value what was given
 * @returns the value
 * @throws ArgumentError for anything but true and false
 */
export function requireTruth(module: string, name: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value;
  throw new ArgumentError(`${module}: ${name} is ${String(value)} instead of true or false`);
}

/**
 * The only number that a module takes, which may stand alone or in options.
 * @param module name of the module
 * @param given what was given
 * @param name its name in options
 * @param standard what holds where it is left out
 * @returns the argument
 * @throws ArgumentError for options of other names
 */
export function loneArgument<K extends string>(
  module: string,
  given: number | Readonly<Partial<Record<K, number>>> | undefined,
  name: K,
  standard: number,
): number {
  if (typeof given !== 'object') return given ?? standard;
  checkOptions(module, given, [name]);
  return given?.[name] ?? standard;
}

/** One number for both axes, or one each. */
export type Pair = number | readonly [number, number];

/**
 * One number for each axis.
 * @param module name of the module
 * @param name name of the argument
 * @param given one number for all axes, or one each
 * @param axes how many axes
 * @param least least value
 * @returns the numbers
 * @throws ArgumentError unless they are whole numbers from `least` on, as many as there are axes
 */
export function perAxis(
  module: string,
  name: string,
  given: number | readonly number[],
  axes: number,
  least = 1,
): readonly number[] {
  const values = typeof given === 'number' ? new Array<number>(axes).fill(given) : given;
  const valid =
    Array.isArray(values) && values.length === axes && values.every((v) => Number.isInteger(v) && v >= least);
  if (valid) return [...values];
  const one = `a whole number from ${least} on`;
  throw new ArgumentError(
    `${module}: ${name} is ${JSON.stringify(given)} instead of ${axes === 1 ? one : `${one}, or ${axes} of them`}`,
  );
}

/**
 * Amounts at both ends of each axis, all before, then all after.
 * @param module name of the module
 * @param given one number for all; one each axis; or one each end
 * @param axes how many axes
 * @param least least value; default 0
 * @returns twice as many numbers as there are axes
 * @throws ArgumentError for anything else
 */
export function bothEnds(
  module: string,
  given: number | readonly number[],
  axes: number,
  least = 0,
): readonly number[] {
  const list = typeof given !== 'number' && given?.length === 2 * axes;
  if (list) return perAxis(module, 'padding', given, 2 * axes, least);
  const each = perAxis(module, 'padding', given, axes, least);
  return [...each, ...each];
}
