/** A network as it is before any training: the architecture of a file with weights of its own. */
import { type ModelGraph, type Parameter, sizeOf } from '@tacit/graph';
import { machineRandom, type Random } from './random.js';

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
  for (const { op, inputs } of graph.nodes) {
    if (!['Conv', 'ConvTranspose', 'Linear', 'MatMul'].includes(op)) continue;
    const weight = inputs.slice(1).flatMap((name) => graph.parameters.get(name) ?? [])[0];
    if (!weight) continue;
    const bound = 1 / Math.sqrt(Math.max(1, summands(op, weight.shape)));
    for (const name of inputs.slice(1)) {
      const parameter = graph.parameters.get(name);
      if (parameter?.role !== 'weight') continue;
      const data = Float64Array.from(parameter.data, () => Math.fround(bound * (2 * random() - 1)));
      parameters.set(name, { ...parameter, data });
    }
  }
  return { ...graph, parameters };
}

/** Numbers that one output is a sum of: [in, out] of matrices, [out, in, ...kernel] of convolutions, transposed [in, out, …]. */
function summands(op: string, shape: readonly number[]): number {
  if (op === 'Conv') return sizeOf(shape.slice(1));
  if (op === 'ConvTranspose') return sizeOf(shape.filter((_, axis) => axis !== 1));
  return shape.at(-2) ?? 1;
}
