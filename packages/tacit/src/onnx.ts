/**
 * `tacit/onnx`: model files as checked graphs and private networks. Apart from the main entry, because its parser costs
 * every party some time to load; `nn.fromOnnx` loads it when it is needed.
 */
import { Graph } from '@tacit/nn';

export * from '@tacit/onnx';

/**
 * The private network of a concrete graph: a module, ready for `encrypt`.
 * @param graph with the weights at their owner, without them elsewhere
 * @returns the module
 * @example const model = buildNetwork(specialize(graph, { input: [1, 784] }));
 */
export const buildNetwork = (graph: ConstructorParameters<typeof Graph>[0]): Graph => new Graph(graph);
