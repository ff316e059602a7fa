/** ONNX file to the graph of one input of a fixed shape. */
import { type ConcreteGraph, specialize } from '@tacit/graph';
import { buildGraph, parseOnnx } from '@tacit/onnx';
import { HeModelError } from './errors.js';

/**
 * The network for a batch of one.
 * @param onnx the ONNX file
 * @param inputShape shape of the input, where the file leaves more than the batch open
 * @returns the graph with every size known
 * @throws HeModelError (HE_MODEL) for several inputs or outputs, or open sizes; errors of the ONNX reader
 */
export function concreteGraph(onnx: Uint8Array, inputShape?: readonly number[]): ConcreteGraph {
  const model = parseOnnx(onnx);
  const declared = buildGraph(model);
  const { input } = singleEnds(declared);
  const shape = inputShape ?? input.shape.map((size, axis) => (axis === 0 ? 1 : size));
  const open = shape.filter((size) => typeof size !== 'number');
  if (open.length > 0)
    throw new HeModelError(
      `The input ${input.name} has the shape [${input.shape.join(', ')}]; give the sizes that are open (inputShape, --input-shape).`,
    );
  const sizes = shape.map(Number);
  return specialize(buildGraph(model, { inputShapes: { [input.name]: sizes } }), { [input.name]: sizes });
}

interface Ends<I, O> {
  readonly inputs: readonly I[];
  readonly outputs: readonly O[];
}

/**
 * The input and the output of a network that has one of each.
 * @param graph any network
 * @returns both
 * @throws HeModelError (HE_MODEL) for more or fewer
 */
export function singleEnds<I extends { readonly name: string }, O extends { readonly name: string }>(
  graph: Ends<I, O>,
): { readonly input: I; readonly output: O } {
  return { input: only('input', graph.inputs), output: only('output', graph.outputs) };
}

function only<T extends { readonly name: string }>(what: string, ends: readonly T[]): T {
  if (ends.length === 1) return ends[0];
  throw new HeModelError(
    `The network has ${ends.length} ${what}s (${ends.map(({ name }) => name).join(', ')}); one is supported: ` +
      `export it with the ${what} that you need, or cut it out (onnx.utils.extract_model).`,
  );
}
