/**
 * Gradients of a whole concrete graph on any backend, in reverse (Griewank, Walther: "Evaluating Derivatives", chapter 3).
 * The forward pass records what leads from what is wanted to an output; the backward pass asks each operation's own
 * definition for the cotangents of its operands, and lets go of what it has passed.
 */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { apply, type Backend } from '../backend/backend.js';
import { cotangents, type Recorded } from '../operation/differentiate.js';
import { type Attributes, type ConcreteOpName, definitionOf } from '../operation/registry.js';
import { sameShape, show, sizeOf } from '../shape/dims.js';
import type { ConcreteGraph, ConcreteNode, ParameterSlot } from './graph.js';
import { Holders } from './holders.js';
import { atNode, checkMade, givenValues, known, labelOf, lastUses } from './node-values.js';

/** Which gradients are asked for, and of what. */
export interface GradientRequest<T> {
  /** Names of parameters, of inputs, or of both. */
  readonly wanted: ReadonlySet<string>;
  /** Cotangents of the outputs; of an output that is left out, none flows. */
  readonly cotangents: (outputs: Readonly<Record<string, T>>) => Readonly<Record<string, T>>;
  /** Called with the value of every node as it is made. */
  readonly onValue?: (node: ConcreteNode, value: T) => void;
  /** Called when the backward pass has gone through a node; `left` are still to come. */
  readonly onPassed?: (node: ConcreteNode, left: number) => void;
}

/** What comes out of a forward and a backward pass. */
export interface GraphGradients<T> {
  readonly outputs: Readonly<Record<string, T>>;
  /** A gradient for every name that was wanted. */
  readonly gradients: ReadonlyMap<string, T>;
}

interface Step<T> {
  readonly node: ConcreteNode;
  readonly recorded: Recorded<T>;
  /** Which operands lead from what is wanted. */
  readonly needed: readonly boolean[];
}

/**
 * Runs a network forward and backward.
 *
 * Every name that is wanted gets a gradient of its shape: zeros where no output depends on it, or only through
 * operations that are constant almost everywhere (`Floor`). A value that several nodes read gets the sum of what they
 * send back. What was given, the outputs and the gradients are never freed; where an operation passes a value through,
 * a gradient may be the very object that came in as a cotangent.
 * @param graph the network
 * @param backend what computes
 * @param inputs every input of the graph, of exactly its shape
 * @param parameters every parameter of the graph
 * @param request what is wanted, and the cotangents of the outputs
 * @returns every output of the graph by name, and the gradients by name
 * @throws ArgumentError where a name that is wanted is neither a parameter nor an input, or a cotangent is of no output
 * @throws InputShapeError for an input that is missing, unknown, or of another shape
 * @throws ShapeError where a cotangent has not the shape of its output
 * @throws UnsupportedOperationError naming the node, where an operation or its gradient cannot be computed
 * @example
 * const { gradients } = evaluateWithGradients(graph, plainBackend, { x }, new Map(graph.parameters), {
 *   wanted: new Set(graph.parameters.keys()),
 *   cotangents: ({ y }) => ({ y: crossEntropy(y, labels).cotangent }),
 * });
 */
export function evaluateWithGradients<T>(
  graph: ConcreteGraph<ParameterSlot>,
  backend: Backend<T>,
  inputs: Readonly<Record<string, T>>,
  parameters: ReadonlyMap<string, T>,
  request: GradientRequest<T>,
): GraphGradients<T> {
  const known = new Set([...graph.parameters.keys(), ...graph.inputs.map(({ name }) => name)]);
  for (const name of request.wanted)
    if (!known.has(name))
      throw new ArgumentError(`${JSON.stringify(name)} is neither a parameter nor an input of the graph`);
  const holders = new Holders(backend);
  const { outputs, tape } = forward(graph, backend, inputs, parameters, request, holders);
  const flowing = seeds(backend, outputs, request);
  for (const dy of flowing.values()) holders.keep(dy);
  backward(backend, tape, flowing, request, holders);
  const gradients = new Map<string, T>();
  for (const name of request.wanted) {
    const shape = backend.shapeOf(inputs[name] ?? (parameters.get(name) as T));
    const zeros = () => backend.constant({ shape, data: new Float64Array(sizeOf(shape)) });
    gradients.set(name, flowing.get(name) ?? zeros());
  }
  return { outputs, gradients };
}

/** Names whose values depend on what is wanted and that some output depends on. */
function pathsOf(graph: ConcreteGraph<ParameterSlot>, wanted: ReadonlySet<string>): ReadonlySet<string> {
  const depends = new Set(wanted);
  for (const { inputs, outputs } of graph.nodes)
    if (inputs.some((name) => depends.has(name))) depends.add(outputs[0]);
  const leads = new Set(graph.outputs.map(({ name }) => name));
  for (const { inputs, outputs } of [...graph.nodes].reverse())
    if (leads.has(outputs[0])) for (const name of inputs) leads.add(name);
  return new Set([...depends].filter((name) => leads.has(name)));
}

function forward<T>(
  graph: ConcreteGraph<ParameterSlot>,
  backend: Backend<T>,
  inputs: Readonly<Record<string, T>>,
  parameters: ReadonlyMap<string, T>,
  { wanted, onValue }: GradientRequest<T>,
  holders: Holders<T>,
): { readonly outputs: Record<string, T>; readonly tape: Step<T>[] } {
  const paths = pathsOf(graph, wanted);
  const values = givenValues(graph, backend, inputs, parameters);
  for (const value of values.values()) holders.keep(value);
  const lastUse = lastUses(graph);
  const tape: Step<T>[] = [];
  graph.nodes.forEach((node, index) => {
    const [name] = node.outputs;
    const recording = paths.has(name);
    const operands = node.inputs.map((input) => known(values, input));
    const outputs = outputsOf(backend, node, operands, recording, holders);
    const [value] = outputs;
    checkMade(graph, backend, node, value);
    holders.take(value);
    values.set(name, value);
    if (recording) {
      for (const held of [...operands, ...outputs]) holders.take(held);
      const attributes = node.attributes as Attributes<ConcreteOpName>;
      const needed = node.inputs.map((input) => paths.has(input));
      tape.push({ node, recorded: { op: node.op, inputs: operands, outputs, attributes }, needed });
    }
    onValue?.(node, value);
    for (const done of new Set([...node.inputs, name])) {
      // What nobody reads is done at once.
      if ((lastUse.get(done) ?? index) > index) continue;
      holders.release(known(values, done));
      values.delete(done);
    }
  });
  const outputs = Object.fromEntries(graph.outputs.map(({ name }) => [name, known(values, name)]));
  for (const output of Object.values(outputs)) holders.keep(output);
  return { outputs, tape };
}

/** The value of a node, and beside it, where it is recorded, what its gradient is written with. */
function outputsOf<T>(
  backend: Backend<T>,
  node: ConcreteNode,
  operands: readonly T[],
  recording: boolean,
  holders: Holders<T>,
): readonly T[] {
  const { gradientOutputs = 1 } = definitionOf<ConcreteOpName>(node.op);
  const attributes = node.attributes as Attributes<ConcreteOpName>;
  let computed: readonly T[] = [];
  const compute = () => {
    // A gradient of the backend's own is written without auxiliary outputs.
    const count = recording && !backend.gradients?.[node.op] ? gradientOutputs : 1;
    computed = apply<T, ConcreteOpName>(backend, node.op, operands, attributes, labelOf(node), count);
    return computed[0];
  };
  const value = atNode(node, () => (backend.node ? backend.node(node, operands, compute) : compute()));
  if (computed[0] === value) return computed;
  // The backend gave the value by other means: what the operation made beside its own does not belong to it.
  for (const other of computed.slice(1)) holders.release(other);
  return [value];
}

/** The cotangents that the backward pass starts from. */
function seeds<T>(
  backend: Backend<T>,
  outputs: Readonly<Record<string, T>>,
  request: GradientRequest<T>,
): Map<string, T> {
  const found = new Map<string, T>();
  for (const [name, dy] of Object.entries(request.cotangents(outputs))) {
    if (!Object.hasOwn(outputs, name))
      throw new ArgumentError(`a cotangent of ${JSON.stringify(name)}, which is no output of the graph`);
    const [own, shape] = [backend.shapeOf(dy), backend.shapeOf(outputs[name])];
    if (!sameShape(own, shape))
      throw new ShapeError(`a cotangent ${show(own)} of the output ${JSON.stringify(name)} ${show(shape)}`);
    found.set(name, dy);
  }
  return found;
}

function backward<T>(
  backend: Backend<T>,
  tape: Step<T>[],
  flowing: Map<string, T>,
  { onPassed }: GradientRequest<T>,
  holders: Holders<T>,
): void {
  for (let step = tape.pop(); step; step = tape.pop()) {
    const { node, recorded } = step;
    const name = node.outputs[0];
    const dy = flowing.get(name);
    flowing.delete(name);
    if (dy !== undefined) {
      const found = pulled(backend, step, dy);
      found.forEach((dx, i) => {
        if (dx === undefined) return;
        const to = node.inputs[i];
        holders.take(dx);
        const before = flowing.get(to);
        if (before === undefined) {
          flowing.set(to, dx);
          return;
        }
        const [sum] = apply(backend, 'Add', [before, dx], {});
        holders.take(sum);
        flowing.set(to, sum);
        for (const part of [before, dx]) holders.release(part);
      });
      holders.release(dy);
    }
    for (const held of [...recorded.inputs, ...recorded.outputs]) holders.release(held);
    onPassed?.(node, tape.length);
  }
}

/** Cotangents of the operands that need one; what is made on the way is freed. */
function pulled<T>(
  backend: Backend<T>,
  { node, recorded, needed }: Step<T>,
  dy: T,
): readonly (T | undefined)[] {
  let found: readonly (T | undefined)[] = [];
  const pull = () => {
    found = atNode(node, () => cotangents(backend, recorded, [dy], needed));
    return found.filter((dx) => dx !== undefined);
  };
  if (backend.scope) backend.scope(pull);
  else pull();
  return found;
}
