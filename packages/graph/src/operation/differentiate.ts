/**
 * Reverse-mode differentiation of one operation on any backend: by its own gradient, or part by part of what it is
 * composed of. Both are written in terms of operations, so the same text serves plain, private and traced values.
 */
import { apply, type Backend, operationsOf, UnsupportedOperationError } from '../backend/backend.js';
import type { Linearization } from './definition.js';
import type { Operations } from './operations.js';
import { type Attributes, type ConcreteOpName, definitionOf } from './registry.js';

/** What an operation was called with and what came out. */
export interface Recorded<T> {
  readonly op: ConcreteOpName;
  readonly inputs: readonly T[];
  readonly outputs: readonly T[];
  readonly attributes: Attributes<ConcreteOpName>;
}

/**
 * Cotangents of the inputs of an operation; undefined for inputs that the outputs do not depend on.
 * @param backend what computes
 * @param recorded the call and its outputs
 * @param dy cotangents of its outputs
 * @param needed which inputs' cotangents are asked for; by default all
 * @returns a cotangent for each input; undefined where the outputs do not depend on it, or where it was not asked for
 * @throws UnsupportedOperationError where the operation has neither a gradient nor a composition
 * @example const [dx] = cotangents(plainBackend, { op: 'Relu', inputs: [x], outputs: [y], attributes: {} }, [dy]);
 */
export function cotangents<T>(
  backend: Backend<T>,
  { op, inputs, outputs, attributes }: Recorded<T>,
  dy: readonly T[],
  needed: readonly boolean[] = inputs.map(() => true),
): readonly (T | undefined)[] {
  const { gradient, expand } = definitionOf(op);
  const k = operationsOf(backend);
  const own = backend.gradients?.[op] as
    | ((at: Linearization<T, Attributes<ConcreteOpName>>) => readonly (T | undefined)[])
    | undefined;
  if (own || gradient) {
    const at = { inputs, outputs, dy, attributes, needed };
    const found = own?.(at) ?? gradient?.(k, at) ?? [];
    return found.map((dx, i) => (needed[i] ? dx : undefined));
  }
  if (!expand) throw new UnsupportedOperationError(`the gradient of ${op}`, backend.name);
  const tape: Recorded<T>[] = [];
  const results = expand(operationsOf(recording(backend, tape)), inputs, attributes);
  const wanted = inputs.filter((_, i) => needed[i]);
  const found = pullBack(backend, k, tape, results, dy, new Set(wanted));
  return inputs.map((x, i) => (needed[i] ? found.get(x) : undefined));
}

/** The backend, with every operation noted. */
const recording = <T>(backend: Backend<T>, tape: Recorded<T>[]): Backend<T> => ({
  name: backend.name,
  shapeOf: (x) => backend.shapeOf(x),
  constant: (x) => backend.constant(x),
  kernels: new Proxy(backend.kernels, {
    get:
      (_kernels, op: ConcreteOpName) =>
      (inputs: readonly T[], attributes: Attributes<ConcreteOpName>): readonly T[] => {
        const outputs = apply(backend, op, inputs, attributes);
        tape.push({ op, inputs, outputs, attributes });
        return outputs;
      },
  }),
});

/**
 * Cotangents of `wanted` from those of `results`, through everything on the tape.
 * @param backend what computes
 * @param k operations of the backend
 * @param tape calls in the order in which they were made
 * @param results values whose cotangents are given
 * @param dy cotangents of the results
 * @param wanted values whose cotangents are asked for
 * @returns the cotangent of each wanted value that the results depend on, and of what lies between
 * @example pullBack(backend, operationsOf(backend), tape, [loss], [one], new Set([x])).get(x);
 */
function pullBack<T>(
  backend: Backend<T>,
  k: Operations<T>,
  tape: readonly Recorded<T>[],
  results: readonly T[],
  dy: readonly T[],
  wanted: ReadonlySet<T>,
): ReadonlyMap<T, T> {
  const depends = new Set(wanted);
  for (const { inputs, outputs } of tape)
    if (inputs.some((x) => depends.has(x))) for (const y of outputs) depends.add(y);
  const gathered = new Map<T, T>();
  const add = (x: T, dx: T) => {
    const before = gathered.get(x);
    gathered.set(x, before === undefined ? dx : k.add(before, dx));
  };
  results.forEach((y, i) => {
    if (dy[i] !== undefined) add(y, dy[i]);
  });
  for (const entry of [...tape].reverse()) {
    const flowing = gathered.get(entry.outputs[0]);
    const needed = entry.inputs.map((x) => depends.has(x));
    if (flowing === undefined || !needed.includes(true)) continue;
    cotangents(backend, entry, [flowing], needed).forEach((dx, i) => {
      if (dx !== undefined) add(entry.inputs[i], dx);
    });
  }
  return gathered;
}
