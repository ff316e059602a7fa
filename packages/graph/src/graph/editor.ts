/** A graph that optimisation passes change in place: who makes and who uses a value, fresh parameters, dead code. */
import { isRef } from '../operation/attributes.js';
import type { GraphNode, ModelGraph, Parameter } from './graph.js';

/** Changes a copy of a graph's nodes and parameters. */
export class GraphEditor {
  nodes: GraphNode[];
  readonly parameters: Map<string, Parameter>;
  readonly #graph: ModelGraph;
  readonly #outputs: ReadonlySet<string>;
  readonly #names: Set<string>;

  /**
   * Starts from a graph, which is not changed.
   * @param graph the network
   */
  constructor(graph: ModelGraph) {
    this.#graph = graph;
    this.nodes = [...graph.nodes];
    this.parameters = new Map(graph.parameters);
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
    this.#names = new Set([
      ...graph.inputs.map(({ name }) => name),
      ...graph.parameters.keys(),
      ...graph.nodes.flatMap((node) => node.outputs),
    ]);
  }

  /**
   * The node that makes a value.
   * @param value name of a value
   * @returns the node; undefined for inputs and parameters
   */
  producer(value: string): GraphNode | undefined {
    return this.nodes.find((node) => node.outputs[0] === value);
  }

  /**
   * The nodes that read a value.
   * @param value name of a value
   * @returns the nodes, in the order of the graph
   */
  users(value: string): GraphNode[] {
    return this.nodes.filter((node) => valuesOf(node).includes(value));
  }

  /**
   * Whether a value is an output of the graph.
   * @param value name of a value
   * @returns true for outputs
   */
  isOutput(value: string): boolean {
    return this.#outputs.has(value);
  }

  /**
   * The node that alone uses a value, in one place; undefined if there are others or the value is an output.
   * @param value name of a value
   * @returns the node, or undefined
   */
  soleUser(value: string): GraphNode | undefined {
    const users = this.users(value);
    const [user] = users;
    if (user === undefined || users.length > 1 || this.isOutput(value)) return undefined;
    return valuesOf(user).filter((name) => name === value).length === 1 ? user : undefined;
  }

  /**
   * Puts a node in another's place, or removes it.
   * @param old node to take out
   * @param replacement node in its place; none by default
   */
  replace(old: GraphNode, replacement?: GraphNode): void {
    this.nodes = this.nodes.flatMap((node) => (node !== old ? [node] : replacement ? [replacement] : []));
  }

  /**
   * Adds a parameter under a new name.
   * @param base name, to which a number is added where it is taken
   * @param shape sizes of the axes
   * @param data its values, row-major
   * @returns the name that it got
   */
  addParameter(base: string, shape: readonly number[], data: Float64Array): string {
    let name = base;
    for (let i = 1; this.#names.has(name); i++) name = `${base}:${i}`;
    this.#names.add(name);
    this.parameters.set(name, { shape, data });
    return name;
  }

  /** The graph without unused nodes and parameters. */
  finish(): ModelGraph {
    const needed = new Set(this.#outputs);
    const nodes = this.nodes
      .reverse()
      .filter((node) => {
        if (!node.outputs.some((name) => needed.has(name))) return false;
        for (const name of valuesOf(node)) needed.add(name);
        return true;
      })
      .reverse();
    const parameters = new Map([...this.parameters].filter(([name]) => needed.has(name)));
    return { ...this.#graph, nodes, parameters };
  }
}

/** Values that a node reads: inputs and references in attributes. */
function valuesOf(node: GraphNode): string[] {
  return [
    ...node.inputs,
    ...Object.values(node.attributes).flatMap((value) => (isRef(value) ? [value.value] : [])),
  ];
}
