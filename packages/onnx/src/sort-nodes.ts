/** Topological order of an ONNX graph's nodes; the file's own order wherever that already is one. */
import { OnnxFormatError } from './errors.js';
import type { OnnxGraph, OnnxNode } from './onnx-model.js';

/** @throws OnnxFormatError for cycles, values without a producer, and values produced twice */
export function sortNodes(graph: OnnxGraph): OnnxNode[] {
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
    for (const name of new Set(node.inputs)) {
      if (name === '' || given.has(name)) continue;
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
