/**
 * What evaluates operations: in the clear, in private, on ciphertexts, on bounds, on costs. A backend has kernels for
 * some operations; the others are composed of these (`expand`).
 */
import { TacitError } from '@tacit/errors';
import type { ConcreteNode } from '../graph/graph.js';
import type { Linearization } from '../operation/definition.js';
import { resolveCall } from '../operation/infer.js';
import type { Input, Operations } from '../operation/operations.js';
import { type Attributes, allDefinitions, type ConcreteOpName, definitionOf } from '../operation/registry.js';
import type { PlainTensor } from '../plain/plain-tensor.js';
import { sameShape, show } from '../shape/dims.js';

/**
 * Computes the outputs of an operation. Shapes and attributes have been checked; `shapes` are those of the outputs that
 * are wanted: auxiliary ones (`aux` in the definition) only on request.
 */
export type Kernel<T, A = object> = (
  inputs: readonly T[],
  attributes: A,
  shapes: readonly (readonly number[])[],
) => readonly T[];

/** A kernel for each operation that a backend computes by itself. */
export type Kernels<T> = { readonly [N in ConcreteOpName]?: Kernel<T, Attributes<N>> };

/**
 * Gradients that a backend computes by itself, where what a definition says would cost more. Of the outputs, only the
 * first is there.
 */
export type GradientKernels<T> = {
  readonly [N in ConcreteOpName]?: (at: Linearization<T, Attributes<N>>) => readonly (T | undefined)[];
};

/** A way to evaluate operations on values of type T. */
export interface Backend<T> {
  readonly name: string;
  readonly kernels: Kernels<T>;
  readonly gradients?: GradientKernels<T>;
  shapeOf(x: T): readonly number[];
  /** A public constant as a value. */
  constant(x: PlainTensor): T;
  /** Runs a composition and frees what it makes on the way. Default: just runs it. */
  scope?(f: () => readonly T[]): readonly T[];
  /** Stands around each node of a graph: names it in errors, or gives its value by other means than `compute`. */
  node?(node: ConcreteNode, inputs: readonly T[], compute: () => T): T;
  /** Frees a value after its last use in a graph. */
  dispose?(x: T): void;
}

/** A backend has neither a kernel for an operation nor what it is composed of. Code `UNSUPPORTED_OPERATION`. */
export class UnsupportedOperationError extends TacitError {
  constructor(
    readonly op: string,
    readonly backend: string,
    /** Where in a graph, if that is known. */
    readonly node?: string,
  ) {
    const where = node === undefined ? '' : `${node}: `;
    super('UNSUPPORTED_OPERATION', `${where}${op} cannot be computed ${backend}`);
  }
}

/**
 * The outputs of an operation.
 * @param backend what computes
 * @param op name of the operation
 * @param inputs values of the operands
 * @param attributes attributes of the operation
 * @param label how the user called it, for errors
 * @param wanted how many outputs are wanted: those after the first are auxiliary
 * @returns the outputs, of the shapes that the rule of shapes gives
 * @throws ShapeError, ArgumentError, UnsupportedOperationError
 * @example const [y] = apply(plainBackend, 'Relu', [x], {});
 */
export function apply<T, N extends ConcreteOpName>(
  backend: Backend<T>,
  op: N,
  inputs: readonly T[],
  attributes: Attributes<N, 'model'>,
  label: string = op,
  wanted = 1,
): readonly T[] {
  const { attributes: concrete, outputs: all } = resolveCall(
    op,
    inputs.map(backend.shapeOf),
    attributes,
    label,
  );
  const outputs = all.slice(0, wanted);
  const results = compute(backend, op, inputs, concrete, outputs).slice(0, wanted);
  if (results.length < wanted)
    throw new UnsupportedOperationError(`output ${results.length} of ${op}`, backend.name);
  results.forEach((result, i) => {
    const [made, shape] = [backend.shapeOf(result), outputs[i]];
    if (!sameShape(made, shape))
      throw new Error(`${op} computed ${backend.name} has the shape ${show(made)} instead of ${show(shape)}`);
  });
  return results;
}

function compute<T, N extends ConcreteOpName>(
  backend: Backend<T>,
  op: N,
  inputs: readonly T[],
  attributes: Attributes<N>,
  outputs: readonly (readonly number[])[],
): readonly T[] {
  const kernel = backend.kernels[op] as Kernel<T, Attributes<N>> | undefined;
  if (kernel) return kernel(inputs, attributes, outputs);
  const { expand } = definitionOf(op);
  if (!expand) throw new UnsupportedOperationError(op, backend.name);
  const compose = () => expand(operationsOf(backend), inputs, attributes).slice(0, outputs.length);
  return backend.scope ? backend.scope(compose) : compose();
}

const known = new WeakMap<object, object>();

/**
 * All operations as functions over the values of a backend. Numbers and plain tensors among the inputs are constants.
 * @param backend what computes
 * @returns one function an operation, the same object for the same backend
 * @example const k = operationsOf(plainBackend); k.relu(k.add(x, 1));
 */
export function operationsOf<T>(backend: Backend<T>): Operations<T> {
  let operations = known.get(backend) as Operations<T> | undefined;
  if (!operations) {
    operations = makeOperations(backend);
    known.set(backend, operations);
  }
  return operations;
}

function makeOperations<T>(backend: Backend<T>): Operations<T> {
  const operand = (x: Input<T>): T => {
    if (typeof x === 'number') return backend.constant({ shape: [], data: Float64Array.of(x) });
    return isPlain(x) ? backend.constant(x) : (x as T);
  };
  const all: Operations<T>['all'] = (op, inputs, attributes, wanted) =>
    // Attributes of known shapes are a case of those of open ones.
    apply(backend, op, inputs.map(operand), attributes as Attributes<typeof op, 'model'>, op, wanted);
  const operations: Record<string, unknown> = { shapeOf: (x: T) => backend.shapeOf(x), all };
  for (const { op, attributes, publicOnly } of allDefinitions()) {
    if (publicOnly) continue;
    const attributed = Object.keys(attributes).length > 0;
    operations[op.charAt(0).toLowerCase() + op.slice(1)] = (...args: unknown[]) => {
      const given = attributed ? args.pop() : {};
      return all(op as ConcreteOpName, args as Input<T>[], given as Attributes<ConcreteOpName>)[0];
    };
  }
  return operations as unknown as Operations<T>;
}

const isPlain = (x: unknown): x is PlainTensor =>
  typeof x === 'object' && x !== null && 'data' in x && x.data instanceof Float64Array;
