/**
 * Log of ReduceSum of Exp becomes ReduceLogSumExp, which works on the differences to the largest element: the powers
 * themselves can be far beyond the range of values. Log of any other ReduceSum becomes ReduceLogSum, which costs the same
 * and refuses a sum of no elements, whose logarithm is infinite.
 */
import { GraphEditor } from '../graph/editor.js';
import type { ModelGraph } from '../graph/graph.js';
import { at } from '../shape/dims.js';

/**
 * Merges the operations where nothing else uses the powers or their sum.
 * @param graph any graph
 * @returns the merged graph
 * @example const merged = mergeLogSumExp(graph);
 */
export function mergeLogSumExp(graph: ModelGraph): ModelGraph {
  const editor = new GraphEditor(graph);
  for (const exp of graph.nodes) {
    if (exp.op !== 'Exp') continue;
    const sum = editor.soleUser(at(exp.outputs, 0));
    if (sum?.op !== 'ReduceSum') continue;
    const log = editor.soleUser(at(sum.outputs, 0));
    if (log?.op !== 'Log') continue;
    editor.replace(log, { ...sum, op: 'ReduceLogSumExp', inputs: exp.inputs, outputs: log.outputs });
  }
  for (const sum of graph.nodes) {
    if (sum.op !== 'ReduceSum') continue;
    const log = editor.soleUser(at(sum.outputs, 0));
    if (log?.op === 'Log') editor.replace(log, { ...sum, op: 'ReduceLogSum', outputs: log.outputs });
  }
  return editor.finish();
}
