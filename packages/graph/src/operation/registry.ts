/** All operations by name, with their types; what is listed in `operations/index.ts` is here. */
import * as modules from '../operations/index.js';
import type { Stage } from './attributes.js';
import type { OperationDefinition } from './definition.js';

type Modules = typeof modules;
export type OpName = keyof Modules;

/** Attributes of an operation, or of any. */
export type Attributes<N extends OpName = OpName, S extends Stage = 'concrete'> = {
  [K in OpName]: Modules[K]['definition'] extends OperationDefinition<string, infer A, infer M>
    ? S extends 'concrete'
      ? A
      : M
    : never;
}[N];

type PublicOnly<K extends OpName> = Modules[K]['definition'] extends { readonly publicOnly: true }
  ? K
  : never;
/** Operations on public values only (Shape: from any value to a public one). */
export type PublicOpName = { [K in OpName]: PublicOnly<K> }[OpName];
/** Operations that a concrete graph may hold: what a backend has to know. */
export type ConcreteOpName = Exclude<OpName, PublicOpName>;

export type AnyDefinition = OperationDefinition<OpName, object, object>;
export type Definition<N extends OpName> = OperationDefinition<N, Attributes<N>, Attributes<N, 'model'>>;

// The registry is looked up by names that models bring.
const definitions = Object.fromEntries(
  Object.entries(modules).map(([op, { definition }]) => [op, definition]),
);

/**
 * The definition of an operation.
 * @param op name of the operation
 * @returns its shapes, value, composition, gradient, bounds and ONNX form
 * @example definitionOf('Relu').summary;
 */
export const definitionOf = <N extends OpName>(op: N): Definition<N> =>
  // A module of another operation under this name would fail the test that goes through the registry.
  definitions[op] as unknown as Definition<N>;

/**
 * Every definition, in the order of their names.
 * @example allDefinitions().map(({ op }) => op); // [ 'Abs', 'Add', … ]
 */
export const allDefinitions = (): readonly AnyDefinition[] =>
  Object.values(definitions) as unknown as readonly AnyDefinition[];

/**
 * Whether there is an operation of this name.
 * @param name any name
 * @returns true for names of the registry
 * @example isOpName('Relu'); // true
 */
export const isOpName = (name: string): name is OpName => Object.hasOwn(definitions, name);

/**
 * True for operations of shape arithmetic, which take no secret operand (but for Shape).
 * @param op name of the operation
 * @returns true if its operands must be public
 * @example isPublicOnly('Range'); // true
 */
export const isPublicOnly = (op: OpName): op is PublicOpName => definitionOf(op).publicOnly === true;
