/**
 * Which node of a graph a product belongs to. It is issued where its value is wanted, so a layer's matrix product appears
 * in the ReLU behind it, or where outputs are revealed.
 */
import { type ConcreteGraph, type ConcreteOpName, type ParameterSlot, sizeOf } from '@tacit/graph';
import type { OperationCost } from '@tacit/mpc';

/** Nodes that are one matrix product or convolution. */
const PRODUCTS: ReadonlySet<ConcreteOpName> = new Set(['Conv', 'ConvTranspose', 'Linear', 'MatMul']);

/**
 * The place of an operation.
 * @param graph whose nodes are the places
 * @param cost an operation with the place where it was issued
 * @returns the index of the node that made it, as text; the place where it was issued, for all but products
 */
export function nodeOfProduct(graph: ConcreteGraph<ParameterSlot>, cost: OperationCost): string {
  const { products, n, place, shape } = cost;
  // Every element of an elementwise product is one multiplication.
  if (products <= n || place === 'inputs') return place;
  const size = sizeOf(shape);
  const makers = new Map(graph.nodes.flatMap(({ outputs }, index) => outputs.map((name) => [name, index])));
  const seen = new Set<number>();
  const makersOf = (names: readonly string[]): number[] =>
    names.flatMap((name) => {
      const maker = makers.get(name);
      return maker === undefined || seen.has(maker) ? [] : [maker];
    });
  let front = place === 'outputs' ? makersOf(graph.outputs.map(({ name }) => name)) : [Number(place)];
  while (front.length > 0) {
    for (const index of front) {
      const { op, outputs } = graph.nodes[index];
      if (PRODUCTS.has(op) && sizeOf(graph.shapes.get(outputs[0]) ?? []) === size) return `${index}`;
      seen.add(index);
    }
    front = [...new Set(front.flatMap((index) => makersOf(graph.nodes[index].inputs)))];
  }
  return place;
}
