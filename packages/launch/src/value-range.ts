/**
 * Whether the values of a network stay in the range that fixed point gives them: from its weights and a stated range of
 * the inputs, by interval arithmetic. Known to the owner of the model only, and only a bound: deep networks stay far
 * below it.
 */
import { type ConcreteGraph, type ValueBound, valueBounds } from '@tacit/graph';

/** The nodes whose values may reach 2^range, in their order. */
export const layersBeyond = (
  graph: ConcreteGraph,
  inputRange: readonly [low: number, high: number],
  range: number,
): readonly ValueBound[] => valueBounds(graph, inputRange).filter(({ largest }) => !(largest < 2 ** range));

/** What to tell the user about them. */
export function rangeWarning(beyond: readonly ValueBound[], range: number): string {
  const [first] = beyond;
  const more = beyond.length > 1 ? ` and ${beyond.length - 1} after it` : '';
  return (
    `values of node ${JSON.stringify(first.node)} (${first.op}) may reach ${first.largest.toPrecision(3)}${more}, ` +
    `beyond 2^${range}, where results are wrong without an error: scale the inputs (divide raw features by their size), ` +
    'state a narrower input range if the data has one, or choose fewer fraction bits'
  );
}
