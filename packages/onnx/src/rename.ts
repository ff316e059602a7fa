/** Names within a graph in an attribute: two branches, or two nodes with branches, may use the same ones. */
import type { OnnxGraph, OnnxNode } from './onnx-model.js';

/** The graph with other names for the values that it defines, here and in graphs within. */
export function withNames(graph: OnnxGraph, nameFor: (name: string) => string): OnnxGraph {
  const names = new Map<string, string>();
  for (const name of [
    ...graph.inputs.map((input) => input.name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((node) => node.outputs),
  ])
    if (name !== '' && !names.has(name)) names.set(name, nameFor(name));
  return renamed(graph, names);
}

function renamed(graph: OnnxGraph, names: ReadonlyMap<string, string>): OnnxGraph {
  const of = (name: string) => names.get(name) ?? name;
  const node = (one: OnnxNode): OnnxNode => ({
    ...one,
    inputs: one.inputs.map(of),
    outputs: one.outputs.map(of),
    attributes: new Map(
      Array.from(one.attributes, ([name, attribute]) => [
        name,
        attribute.type === 'graph' ? { ...attribute, value: renamed(attribute.value, names) } : attribute,
      ]),
    ),
  });
  return {
    ...graph,
    nodes: graph.nodes.map(node),
    initializers: new Map(Array.from(graph.initializers, ([name, tensor]) => [of(name), tensor])),
    inputs: graph.inputs.map((input) => ({ ...input, name: of(input.name) })),
    outputs: graph.outputs.map((output) => ({ ...output, name: of(output.name) })),
  };
}
