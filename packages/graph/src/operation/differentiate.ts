/**
 * Reverse-mode differentiation of one operation on any backend: by its own gradient, or part by part of what it is
 * composed of. Both are written in terms of operations, so the same text serves plain, private and traced values.
 */
import { apply, type Backend, operationsOf, UnsupportedOperationError } from '../backend/backend.js';
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
 * @returns a cotangent for each input
 * @throws UnsupportedOperationError where the operation has neither a gradient nor a composition
 * @example const [dx] = cotangents(plainBackend, { op: 'Relu', inputs: [x], outputs: [y], attributes: {} }, [dy]);
 */
export function cotangents<T>(
  backend: Backend<T>,
  { op, inputs, outputs, attributes }: Recorded<T>,
  dy: readonly T[],
): readonly (T | undefined)[] {
  const { gradient, expand } = definitionOf(op);
  const k = operationsOf(backend);
  if (gradient) return gradient(k, { inputs, outputs, dy, attributes });
  if (!expand) throw new UnsupportedOperationError(`the gradient of ${op}`, backend.name);
  const tape: Recorded<T>[] = [];
  const results = expand(operationsOf(recording(backend, tape)), inputs, attributes);
  return pullBack(backend, k, tape, results, dy, inputs);
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
 * @returns a cotangent for each wanted value; undefined where the results do not depend on it
 * @example const [dx] = pullBack(backend, operationsOf(backend), tape, [loss], [one], [x]);
 */
function pullBack<T>(
  backend: Backend<T>,
  k: Operations<T>,
  tape: readonly Recorded<T>[],
  results: readonly T[],
  dy: readonly T[],
  wanted: readonly T[],
): readonly (T | undefined)[] {
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
    if (flowing === undefined) continue;
    cotangents(backend, entry, [flowing]).forEach((dx, i) => {
      if (dx !== undefined) add(entry.inputs[i], dx);
    });
  }
  return wanted.map((x) => gathered.get(x));
}
