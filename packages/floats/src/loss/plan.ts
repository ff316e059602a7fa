/** How many examples a pass takes at a time, and how much memory that needs. */
import { ArgumentError } from '@tacit/errors';
import { type ModelGraph, type ParameterSlot, sizeOf, specialize, withoutSoftmax } from '@tacit/graph';

/** Bytes of the values that the backward pass needs: enough of them for kernels to work at full speed. */
const USUAL_BYTES = 160 * 2 ** 20;
const MOST_EXAMPLES = 32;
const MOST_BYTES = 2 ** 32 - 2 ** 16;
/** Work space of kernels, and patches. */
const WORK_BYTES = 24 * 2 ** 20;

export interface Plan {
  readonly batch: number;
  readonly memoryBytes: number;
}

/**
 * A plan for a network of one input.
 * @param graph the network
 * @param example sizes of one example
 * @param given what the caller says of it
 */
export function planOf(
  graph: ModelGraph<ParameterSlot>,
  example: readonly number[],
  given: { readonly batchSize?: number; readonly memoryBytes?: number },
): Plan {
  const [input] = graph.inputs;
  const [declared] = input.shape;
  const { batchSize } = given;
  if (batchSize !== undefined && !(Number.isSafeInteger(batchSize) && batchSize >= 1))
    throw new ArgumentError(`batchSize must be a whole number from 1 on, not ${batchSize}`);
  const least = typeof declared === 'number' ? declared : 1;
  const network = withoutSoftmax(specialize(graph, { [input.name]: [least, ...example] }));
  const sizes = network.nodes.map(({ outputs }) => sizeOf(network.shapes.get(outputs[0]) ?? []) / least);
  const perExample = 4 * (sizes.reduce((sum, size) => sum + size, 0) + sizeOf(example));
  const usual = Math.min(MOST_EXAMPLES, Math.floor(USUAL_BYTES / Math.max(1, perExample)));
  const batch = Math.max(1, typeof declared === 'number' ? declared : (batchSize ?? usual));
  let weights = 0;
  for (const { shape } of graph.parameters.values()) weights += 4 * sizeOf(shape);
  const largest = 4 * sizes.reduce((most, size) => Math.max(most, size), 0);
  // Parameters, sums of their gradients and new gradients; values, and what flows back beside them.
  const needed = 3 * weights + batch * (1.25 * perExample + 6 * largest) + WORK_BYTES;
  return { batch, memoryBytes: given.memoryBytes ?? Math.min(MOST_BYTES, Math.ceil(needed / 65536) * 65536) };
}
