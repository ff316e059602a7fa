/**
 * Pad with zeros directly before Conv or AveragePool becomes part of their own padding, where that is exact:
 * always for Conv; for AveragePool if its window counts all of the padding (then countIncludePad is set) and the number
 * of windows does not round up.
 */

import { GraphEditor } from '../graph/editor.js';
import type { GraphNode, ModelGraph } from '../graph/graph.js';
import { at } from '../shape/dims.js';

/**
 * Merges paddings with zeros into the convolutions and pools after them.
 * @param graph any graph
 * @returns the merged graph
 * @example const merged = mergePads(graph);
 */
export function mergePads(graph: ModelGraph): ModelGraph {
  const editor = new GraphEditor(graph);
  for (const pad of graph.nodes) {
    if (pad.op !== 'Pad' || pad.attributes.value !== 0) continue;
    const amounts = spatialPads(pad.attributes.pads);
    if (amounts === undefined) continue;
    const value = at(pad.outputs, 0);
    for (const user of editor.users(value)) {
      const merged = withPads(user, amounts);
      if (merged === undefined || user.inputs[0] !== value) continue;
      editor.replace(user, { ...merged, inputs: [at(pad.inputs, 0), ...user.inputs.slice(1)] });
    }
  }
  return editor.finish();
}

/** Amounts on spatial axes, if there are no others and none is negative. */
function spatialPads(pads: unknown): number[] | undefined {
  if (!Array.isArray(pads)) return undefined;
  const rank = pads.length / 2;
  const outside = [...pads.slice(0, 2), ...pads.slice(rank, rank + 2)];
  if (rank < 3 || outside.some((amount) => amount !== 0) || pads.some((amount) => amount < 0))
    return undefined;
  return [...pads.slice(2, rank), ...pads.slice(rank + 2)];
}

function withPads(node: GraphNode, extra: readonly number[]): GraphNode | undefined {
  if (node.op !== 'Conv' && node.op !== 'AveragePool') return undefined;
  const own = node.attributes.pads;
  if (typeof own === 'string' || own.length !== extra.length) return undefined;
  const pads = own.map((amount, i) => amount + at(extra, i));
  if (node.op === 'Conv') return { ...node, attributes: { ...node.attributes, pads } };
  const { ceilMode, countIncludePad } = node.attributes;
  const exact = !ceilMode && (countIncludePad || own.every((amount) => amount === 0));
  return exact ? { ...node, attributes: { ...node.attributes, pads, countIncludePad: true } } : undefined;
}
