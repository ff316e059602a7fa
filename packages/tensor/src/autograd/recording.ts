/**
 * The private backend, with a note of every operation that a gradient may flow back through. An operation without a
 * gradient of its own is noted part by part. Where no operand wants a gradient, nothing is noted and nothing is kept.
 */
import {
  type Attributes,
  allDefinitions,
  type Backend,
  type ConcreteOpName,
  definitionOf,
  type Kernel,
  type Kernels,
  operationsOf,
  resolveCall,
} from '@tacit/graph';
import type { ScopedContext } from '../backend.js';
import { isSecret, type PrivateValue } from '../private-value.js';
import { gradientsAreOn } from './no-grad.js';
import { nodeOf, OperationNode } from './node.js';

type AnyKernel = Kernel<PrivateValue, Attributes<ConcreteOpName>>;

/**
 * A backend that computes as another, and notes.
 * @param context what the tensors of one party share
 * @param plain the private backend
 * @returns the backend that handles compute by
 */
export function recordingBackend(
  context: ScopedContext,
  plain: Backend<PrivateValue>,
): Backend<PrivateValue> {
  const kernels: Record<string, AnyKernel> = {};
  const noted: Backend<PrivateValue> = { ...plain, kernels: kernels as Kernels<PrivateValue> };
  for (const { op: name, gradient, expand, publicOnly } of allDefinitions()) {
    const op = name as ConcreteOpName;
    const kernel = plain.kernels[op] as AnyKernel | undefined;
    if (publicOnly || !(kernel || gradient)) continue;
    const composed = (backend: Backend<PrivateValue>): AnyKernel | undefined =>
      expand &&
      ((inputs, attributes, shapes) =>
        context.scope(
          () => {
            const results = expand(operationsOf(backend), inputs, attributes).slice(0, shapes.length);
            return results.map((y) => (isSecret(y) && inputs.includes(y) ? context.alias(y) : y));
          },
          (results) => results,
        ));
    const run = kernel ?? composed(plain);
    if (!run) continue;
    const recorded = gradient ? recording(context, op, run) : (composed(noted) ?? run);
    kernels[op] = (inputs, attributes, shapes) =>
      (wanted(inputs) ? recorded : run)(inputs, attributes, shapes);
  }
  return noted;
}

const wanted = (inputs: readonly PrivateValue[]): boolean =>
  gradientsAreOn() && inputs.some((x) => nodeOf(x) !== undefined);

/** The kernel, with a node for what it makes. */
function recording(context: ScopedContext, op: ConcreteOpName, run: AnyKernel): AnyKernel {
  const { gradientOutputs = 1 } = definitionOf(op);
  return (inputs, attributes, shapes) => {
    const kept = shapes.length < gradientOutputs ? shapesOf(op, inputs, attributes, gradientOutputs) : shapes;
    const outputs = run(inputs, attributes, kept);
    const [result, ...auxiliary] = outputs;
    if (!isSecret(result)) return outputs;
    const node = context.outsideScopes(() => {
      const own = (x: PrivateValue) => (isSecret(x) ? x.asUsed() : x);
      const saved = { op, inputs: inputs.map(own), outputs: outputs.map(own), attributes };
      return new OperationNode(saved, inputs.map(nodeOf), result.shape);
    });
    // What passes through comes as a handle of its own, with the history of what it was.
    result.history?.release();
    result.history = node;
    for (const extra of auxiliary.slice(shapes.length - 1)) if (isSecret(extra)) extra.dispose();
    return outputs.slice(0, shapes.length);
  };
}

function shapesOf(
  op: ConcreteOpName,
  inputs: readonly PrivateValue[],
  attributes: Attributes<ConcreteOpName>,
  count: number,
): readonly (readonly number[])[] {
  const shapes = inputs.map(({ shape }) => shape);
  // Attributes of known shapes are a case of those of open ones.
  return resolveCall(op, shapes, attributes as never, op).outputs.slice(0, count);
}
