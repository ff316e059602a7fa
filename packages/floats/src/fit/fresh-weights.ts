/** A network as it is before any training: the architecture of a file with weights of its own. */
import type { ModelGraph, Parameter } from '@tacit/graph';
import { sizeOf } from '@tacit/graph';
import { machineRandom, type Random } from './random.js';

/** A parameter as a node reads it: perhaps transposed. */
interface Operand {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Replaces what is trained by random numbers, as PyTorch's layers begin: weights and biases of a layer are uniform up to
 * 1 / sqrt(numbers that one output is a sum of). Weights of other operations stay, such as scales of normalisations.
 * @param graph a network, built with `trainable`
 * @param random numbers from 0 to below 1; by default the machine's cryptographic randomness
 * @returns the network with fresh weights; what is not trained is shared with the old one
 * @example const fresh = freshWeights(buildGraph(parseOnnx(bytes), { trainable: true }));
 */
export function freshWeights(graph: ModelGraph, random: Random = machineRandom()): ModelGraph {
  const parameters = new Map<string, Parameter>(graph.parameters);
  for (const [name, bound] of boundsOf(graph)) {
    const parameter = graph.parameters.get(name);
    if (parameter?.role !== 'weight') continue;
    const data = Float64Array.from(parameter.data, () => Math.fround(bound * (2 * random() - 1)));
    parameters.set(name, { ...parameter, data });
  }
  return { ...graph, parameters };
}

/** How large the weights of layers may be at first. */
function boundsOf(graph: ModelGraph): ReadonlyMap<string, number> {
  const operands = new Map<string, Operand>(
    Array.from(graph.parameters, ([name, { shape }]) => [name, { name, shape }]),
  );
  const bounds = new Map<string, number>();
  /** Bounds of the layers whose products these values are: a bias may be added to them. */
  const products = new Map<string, number>();
  for (const { op, inputs, outputs, attributes } of graph.nodes) {
    const own = inputs.flatMap((name) => operands.get(name) ?? []);
    if (op === 'Transpose' && own.length === 1) {
      const [{ name, shape }] = own;
      operands.set(outputs[0], { name, shape: attributes.perm.map((axis) => shape[axis]) });
    } else if (op === 'Add') {
      const bound = inputs.map((name) => products.get(name)).find((found) => found !== undefined);
      if (bound !== undefined) for (const { name } of own) bounds.set(name, bound);
    } else if (op === 'Conv' || op === 'ConvTranspose' || op === 'Linear' || op === 'MatMul') {
      const [weight] = own;
      if (!weight) continue;
      const bound = 1 / Math.sqrt(Math.max(1, summands(op, weight.shape)));
      for (const { name } of own) bounds.set(name, bound);
      products.set(outputs[0], bound);
    }
  }
  return bounds;
}

/** Numbers that one output is a sum of: [in, out] of matrices, [out, in, ...kernel] of convolutions, transposed [in, out, …]. */
function summands(op: string, shape: readonly number[]): number {
  if (op === 'Conv') return sizeOf(shape.slice(1));
  if (op === 'ConvTranspose') return sizeOf(shape.filter((_, axis) => axis !== 1));
  return shape.at(-2) ?? 1;
}
