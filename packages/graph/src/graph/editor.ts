/** A graph that optimisation passes change in place: who makes and who uses a value, fresh parameters, dead code. */
import { isRef } from '../operation/attributes.js';
import { at } from '../shape/dims.js';
import type { GraphNode, ModelGraph, Parameter } from './graph.js';

/** Changes a copy of a graph's nodes and parameters. */
export class GraphEditor {
  readonly parameters: Map<string, Parameter>;
  readonly #graph: ModelGraph;
  readonly #outputs: ReadonlySet<string>;
  readonly #names: Set<string>;
  /** The nodes in the order of the graph; undefined where one was taken out. */
  readonly #slots: (GraphNode | undefined)[] = [];
  readonly #slotOf = new Map<GraphNode, number>();
  /** Nodes that make, and that read, a value. */
  readonly #makers = new Map<string, Set<GraphNode>>();
  readonly #readers = new Map<string, Set<GraphNode>>();

  /**
   * Starts from a graph, which is not changed.
   * @param graph the network
   */
  constructor(graph: ModelGraph) {
    this.#graph = graph;
    graph.nodes.forEach((node, slot) => {
      this.#put(node, slot);
    });
    this.parameters = new Map(graph.parameters);
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
    this.#names = new Set([
      ...graph.inputs.map(({ name }) => name),
      ...graph.parameters.keys(),
      ...graph.nodes.flatMap((node) => node.outputs),
    ]);
  }

  /** The nodes as they are now. */
  get nodes(): GraphNode[] {
    return this.#slots.filter((node) => node !== undefined);
  }

  /**
   * The node that makes a value.
   * @param value name of a value
   * @returns the node; undefined for inputs and parameters
   */
  producer(value: string): GraphNode | undefined {
    return this.#inOrder(this.#makers.get(value))[0];
  }

  /**
   * The nodes that read a value.
   * @param value name of a value
   * @returns the nodes, in the order of the graph
   */
  users(value: string): GraphNode[] {
    return this.#inOrder(this.#readers.get(value));
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
    const slot = this.#slotOf.get(old);
    if (slot === undefined) return;
    this.#slotOf.delete(old);
    this.#slots[slot] = undefined;
    this.#makers.get(at(old.outputs, 0))?.delete(old);
    for (const name of valuesOf(old)) this.#readers.get(name)?.delete(old);
    if (replacement) this.#put(replacement, slot);
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

  #put(node: GraphNode, slot: number): void {
    this.#slots[slot] = node;
    this.#slotOf.set(node, slot);
    const note = (where: Map<string, Set<GraphNode>>, name: string) => {
      const known = where.get(name) ?? new Set();
      where.set(name, known.add(node));
    };
    note(this.#makers, at(node.outputs, 0));
    for (const name of valuesOf(node)) note(this.#readers, name);
  }

  #inOrder(nodes: ReadonlySet<GraphNode> = new Set()): GraphNode[] {
    const slot = (node: GraphNode) => this.#slotOf.get(node) ?? 0;
    return [...nodes].sort((a, b) => slot(a) - slot(b));
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
