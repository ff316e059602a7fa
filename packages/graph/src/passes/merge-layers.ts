/**
 * Batch normalisation and constant scales and shifts become part of the Linear or Conv before them or, where there is
 * none, after them (also behind pooling and flattening). Exact but for rounding in double precision. What is decided
 * depends on shapes only, never on values.
 */

import { GraphEditor } from '../graph/editor.js';
import type { GraphNode, ModelGraph } from '../graph/graph.js';
import { at, isNumeric, product, type Shape, sizeOf } from '../shape/dims.js';
import { absorbAfter, absorbBefore, isLayer } from './absorb.js';
import { combine, length, readScaling, type Scaling, scaleOf, shiftOf, writeScaling } from './scaling.js';

/**
 * Merges batch normalisation and constant scales and shifts into neighbouring layers.
 * @param graph a graph with weights
 * @param shapes shapes of values as far as they are known; scalings do not change them
 * @returns the merged graph
 * @example const merged = mergeLayers(graph, shapes);
 */
export function mergeLayers(graph: ModelGraph, shapes: ReadonlyMap<string, Shape>): ModelGraph {
  const editor = new GraphEditor(graph);
  for (const node of graph.nodes) mergeIntoProducer(editor, shapes, node);
  for (const node of [...editor.nodes].reverse()) mergeIntoUser(editor, shapes, node);
  return editor.finish();
}

function mergeIntoProducer(editor: GraphEditor, shapes: ReadonlyMap<string, Shape>, node: GraphNode): void {
  const found = readScaling(editor, shapes, node);
  if (found === undefined || editor.soleUser(found.input) !== node) return;
  const producer = editor.producer(found.input);
  const rank = shapes.get(found.input)?.length;
  if (producer === undefined || rank === undefined) return;
  if (isLayer(producer)) {
    const layer = absorbAfter(editor, producer, found.scaling, rank);
    if (layer === undefined) return;
    editor.replace(producer, { ...layer, outputs: node.outputs });
    editor.replace(node);
    return;
  }
  const before = readScaling(editor, shapes, producer);
  if (before === undefined || !worthCombining(producer, node)) return;
  const both = combine(before.scaling, found.scaling);
  if (both === undefined) return;
  editor.replace(producer);
  editor.replace(node, writeScaling(editor, rank, node.name, before.input, at(node.outputs, 0), both));
}

/** Negation is free and a sum is cheap: neither should turn into a product with a secret. */
function worthCombining(a: GraphNode, b: GraphNode): boolean {
  const multiplies = (node: GraphNode) => node.op === 'Mul' || node.op === 'Affine';
  const adds = (node: GraphNode) => node.op === 'Add';
  return multiplies(a) || multiplies(b) || (adds(a) && adds(b));
}

function mergeIntoUser(editor: GraphEditor, shapes: ReadonlyMap<string, Shape>, node: GraphNode): void {
  const found = readScaling(editor, shapes, node);
  if (found === undefined) return;
  let scaling: Scaling | undefined = found.scaling;
  let value = at(node.outputs, 0);
  let first: GraphNode | undefined;
  for (;;) {
    const user = editor.soleUser(value);
    const shape = shapes.get(value);
    if (user === undefined || shape === undefined || user.inputs[0] !== value) return;
    first ??= user;
    if (isLayer(user)) {
      const layer = absorbBefore(editor, user, scaling, shape.length);
      if (layer === undefined) return;
      editor.replace(user, layer);
      if (first === user) first = layer;
      const inputs = [found.input, ...first.inputs.slice(1)];
      editor.replace(first, { ...first, inputs });
      editor.replace(node);
      return;
    }
    value = at(user.outputs, 0);
    scaling = passThrough(user, scaling, shape, shapes.get(value));
    if (scaling === undefined) return;
  }
}

/** The scaling behind `node` that does what `scaling` does before it; undefined if there is none. */
function passThrough(
  node: GraphNode,
  scaling: Scaling,
  input: Shape,
  output: Shape | undefined,
): Scaling | undefined {
  const perChannel = length(scaling) === 1 || scaling.axis <= 1;
  if (node.op === 'GlobalAveragePool') return perChannel ? scaling : undefined;
  if (node.op === 'AveragePool') {
    const { pads, countIncludePad } = node.attributes;
    // Zeros that are counted are scaled, but not shifted.
    const unpadded = typeof pads !== 'string' && pads.every((amount) => amount === 0);
    const exact = scaling.shift === undefined || unpadded || !countIncludePad;
    return perChannel && exact ? scaling : undefined;
  }
  if (node.op !== 'Flatten' && node.op !== 'Reshape') return undefined;
  if (length(scaling) === 1) return scaling;
  return flattened(scaling, input, output);
}

/** A scaling along one axis of [N, ...features] as one along the features of [N, product]. */
function flattened(scaling: Scaling, input: Shape, output: Shape | undefined): Scaling | undefined {
  const features = input.slice(1);
  const keepsRows = output?.length === 2 && output[0] === input[0] && output[0] !== '?';
  if (!keepsRows || !isNumeric(features) || output[1] !== product(features) || scaling.axis === 0)
    return undefined;
  const sizes: readonly number[] = features;
  const stride = sizeOf(sizes.slice(scaling.axis));
  const size = at(sizes, scaling.axis - 1);
  const spread = (value: (i: number) => number) =>
    Float64Array.from({ length: sizeOf(sizes) }, (_, i) => value(Math.floor(i / stride) % size));
  return {
    axis: 1,
    ...(scaling.scale && { scale: spread(scaleOf(scaling)) }),
    ...(scaling.shift && { shift: spread(shiftOf(scaling)) }),
  };
}
