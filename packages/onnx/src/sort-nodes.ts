/** Topological order of an ONNX graph's nodes; the file's own order wherever that already is one. */
import { OnnxFormatError } from './errors.js';
import type { OnnxGraph, OnnxNode } from './onnx-model.js';

/** Every name that a node uses: its inputs, and what graphs in its attributes take from around them. */
export function usedBy({ inputs, attributes }: OnnxNode): Set<string> {
  const names = new Set(inputs.filter((name) => name !== ''));
  for (const attribute of attributes.values())
    if (attribute.type === 'graph') for (const name of takenFromOutside(attribute.value)) names.add(name);
  return names;
}

/** Names that a graph in an attribute uses and does not define. */
function takenFromOutside({ nodes, inputs, initializers, outputs }: OnnxGraph): string[] {
  const own = new Set([
    ...inputs.map(({ name }) => name),
    ...initializers.keys(),
    ...nodes.flatMap((node) => node.outputs),
  ]);
  const used = [...nodes.flatMap((node) => [...usedBy(node)]), ...outputs.map(({ name }) => name)];
  return used.filter((name) => !own.has(name));
}

/**
 * The nodes in an order in which each comes behind what it uses.
 * @param graph a graph of the file
 * @param around names that the graph may take from around it
 * @returns its nodes
 * @throws OnnxFormatError for cycles, values without a producer, and values produced twice
 */
export function sortNodes(
  graph: OnnxGraph,
  around: Pick<ReadonlySet<string>, 'has'> = new Set(),
): OnnxNode[] {
  const maker = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (
        maker.has(name) ||
        graph.initializers.has(name) ||
        graph.inputs.some((input) => input.name === name)
      )
        throw new OnnxFormatError(`Not a valid ONNX model: value ${JSON.stringify(name)} is made twice.`);
      maker.set(name, index);
    }
  });
  const given = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.sparseInitializers,
  ]);
  const missing = graph.nodes.map(() => 0);
  const users = graph.nodes.map((): number[] => []);
  graph.nodes.forEach((node, index) => {
    for (const name of usedBy(node)) {
      if (given.has(name) || around.has(name)) continue;
      const source = maker.get(name);
      if (source === undefined)
        throw new OnnxFormatError(
          `Not a valid ONNX model: node ${JSON.stringify(node.name)} (${node.opType}) uses ${JSON.stringify(name)}, which no node or input provides.`,
        );
      users[source]?.push(index);
      missing[index] = (missing[index] ?? 0) + 1;
    }
  });
  const order: OnnxNode[] = [];
  const ready = missing.flatMap((count, index) => (count === 0 ? [index] : [])).reverse();
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    const node = graph.nodes[index];
    if (node !== undefined) order.push(node);
    for (const user of users[index] ?? []) {
      const left = (missing[user] ?? 0) - 1;
      missing[user] = left;
      if (left === 0) ready.push(user);
    }
  }
  if (order.length !== graph.nodes.length)
    throw new OnnxFormatError('Not a valid ONNX model: its nodes form a cycle.');
  return order;
}
