/**
 * Attributes of operations: one schema serves as the check of what a program passes and of what arrives as JSON from
 * another party. Written here rather than with a schema library because every party loads it at its start.
 */
import { ArgumentError } from '@tacit/errors';
import type { SamePads } from '../shape/window.js';

/** A one-dimensional public value that is known once the input shapes are; `length` is known at once. */
export interface PublicRef {
  readonly value: string;
  readonly length: number;
}

/** Which of the two graphs: 'model' (sizes may be open) or 'concrete'. */
export type Stage = 'model' | 'concrete';

/** A list of integers (or of other numbers); in a model graph possibly the name of the public value that will hold them. */
export type OpenInts = readonly number[] | PublicRef;
/** Padding: all begins, then all ends ([top, left, bottom, right]); in a model graph possibly yet to be computed. */
export type OpenPads = readonly number[] | SamePads;

/**
 * Kinds of attributes. 'sizes' are integers >= 1, a 'count' and 'axes' integers >= 0, 'axisOrAll' one or null, 'ints' any integers, 'pads' amounts >= 0 or a
 * SAME mode, 'public' integers (or infinite bounds) or a reference to a public value, 'publicNumbers' any numbers or such a reference, 'limit' a number or null; an array
 * is a choice of strings.
 */
export type AttributeKind =
  | 'int'
  | 'size'
  | 'count'
  | 'axis'
  | 'axisOrAll'
  | 'sizes'
  | 'axes'
  | 'ints'
  | 'numbers'
  | 'number'
  | 'bool'
  | 'pads'
  | 'public'
  | 'publicNumbers'
  | 'limit'
  | 'text'
  | readonly string[];

const isCount = (value: unknown, least: number): boolean =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
const all = (value: unknown, test: (element: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(test);
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

const CHECKS: { readonly [K in Extract<AttributeKind, string>]: (value: unknown) => boolean } = {
  int: Number.isSafeInteger,
  size: (value) => isCount(value, 1),
  count: (value) => isCount(value, 0),
  axis: (value) => isCount(value, 0),
  axisOrAll: (value) => value === null || isCount(value, 0),
  sizes: (value) => all(value, (element) => isCount(element, 1)),
  axes: (value) => all(value, (element) => isCount(element, 0)),
  ints: (value) => all(value, Number.isSafeInteger),
  numbers: (value) => all(value, (element) => typeof element === 'number'),
  number: isNumber,
  bool: (value) => typeof value === 'boolean',
  pads: (value) =>
    value === 'SAME_UPPER' || value === 'SAME_LOWER' || all(value, (element) => isCount(element, 0)),
  public: (value) =>
    isRef(value) ||
    all(value, (element) => Number.isSafeInteger(element) || element === Infinity || element === -Infinity),
  publicNumbers: (value) => isRef(value) || all(value, (element) => typeof element === 'number'),
  limit: (value) => value === null || isNumber(value),
  text: (value) => typeof value === 'string',
};

/**
 * Whether a value is of a kind of attributes.
 * @param value any value, possibly from JSON
 * @param kind kind that it should be of
 * @returns true if it is
 * @example isAttribute([1, 2], 'sizes'); // true
 */
export const isAttribute = (value: unknown, kind: AttributeKind): boolean =>
  typeof kind === 'string' ? CHECKS[kind](value) : typeof value === 'string' && kind.includes(value);

/**
 * Whether an attribute refers to a public value that will be known with the input shapes.
 * @param value any value, possibly from JSON
 * @returns true for a reference
 * @example isRef({ value: 'sizes', length: 2 }); // true
 */
export function isRef(value: unknown): value is PublicRef {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'value' in value;
}

/**
 * Checks attributes against a schema: all must be there, and no others.
 * @param op name of the operation
 * @param schema kind of each attribute
 * @param attributes attributes of the operation
 * @throws ArgumentError naming the operation and the attribute
 * @example checkAttributes('Concat', { axis: 'axis' }, { axis: 1 });
 */
export function checkAttributes(
  op: string,
  schema: Readonly<Record<string, AttributeKind>>,
  attributes: Readonly<Record<string, unknown>>,
): void {
  for (const [name, kind] of Object.entries(schema))
    if (!isAttribute(attributes[name], kind))
      throw new ArgumentError(
        `${op}: ${name} is ${JSON.stringify(attributes[name]) ?? 'missing'} instead of ${describe(kind)}`,
      );
  checkOptions(op, attributes, Object.keys(schema));
}

/**
 * Refuses options with unknown names, and what is not an object.
 * @param what what is called, for the error
 * @param options options as given
 * @param known names that it takes
 * @throws ArgumentError naming the first option that is not among them, or saying that options are an object
 * @example checkOptions('maxPool2d', { kernelSize: 2 }, ['kernelSize', 'stride']);
 */
export function checkOptions(what: string, options: object | undefined, known: readonly string[]): void {
  if (options !== undefined && (typeof options !== 'object' || options === null || Array.isArray(options)))
    throw new ArgumentError(
      `${what} takes its options as an object such as { ${known[0] ?? ''} }, not ${JSON.stringify(options)}`,
    );
  for (const name of Object.keys(options ?? {}))
    if (!known.includes(name))
      throw new ArgumentError(`${what} has no option '${name}'; it has ${known.join(', ') || 'none'}`);
}

/** In words, for errors. */
const WORDS: { readonly [K in Extract<AttributeKind, string>]: string } = {
  int: 'an integer',
  size: 'an integer from 1 up',
  count: 'an integer from 0 up',
  axis: 'an axis',
  axisOrAll: 'an axis, or null for all',
  sizes: 'integers from 1 up',
  axes: 'axes',
  ints: 'integers',
  numbers: 'numbers',
  number: 'a finite number',
  bool: 'true or false',
  pads: 'amounts from 0 up, or SAME_UPPER or SAME_LOWER',
  public: 'integers, or the name of a public value',
  publicNumbers: 'numbers, or the name of a public value',
  limit: 'a number, or null for none',
  text: 'a text',
};

const describe = (kind: AttributeKind): string =>
  typeof kind === 'string' ? WORDS[kind] : `one of ${kind.join(', ')}`;
