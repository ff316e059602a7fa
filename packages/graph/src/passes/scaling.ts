/**
 * "Scalings": nodes that compute x * scale + shift with parameters that are single numbers or vectors along one axis
 * (Affine, Mul, Add, Sub, Neg). Reading one from the graph, combining two, and writing one back.
 */

import type { GraphEditor } from '../graph/editor.js';
import type { GraphNode } from '../graph/graph.js';
import { at, type Shape } from '../shape/dims.js';

/** Vectors are as long as the axis, or of length 1 (then the axis does not matter). Absent: 1 and 0. */
export interface Scaling {
  readonly axis: number;
  readonly scale?: Float64Array;
  readonly shift?: Float64Array;
}

export interface ScalingNode {
  readonly input: string;
  readonly scaling: Scaling;
}

/** The scaling that a node computes, or undefined. */
export function readScaling(
  editor: GraphEditor,
  shapes: ReadonlyMap<string, Shape>,
  node: GraphNode,
): ScalingNode | undefined {
  const [first, second] = [node.inputs[0] ?? '', node.inputs[1] ?? ''];
  if (node.op === 'Neg') return { input: first, scaling: { axis: 0, scale: Float64Array.of(-1) } };
  if (node.op === 'Affine') {
    const [scale, shift] = [editor.parameters.get(second), editor.parameters.get(node.inputs[2] ?? '')];
    if (scale === undefined || shift === undefined) return undefined;
    return { input: first, scaling: { axis: node.attributes.axis, scale: scale.data, shift: shift.data } };
  }
  if (node.op !== 'Mul' && node.op !== 'Add' && node.op !== 'Sub') return undefined;
  const swapped = editor.parameters.has(first);
  const [input, name] = swapped ? [second, first] : [first, second];
  const vector = alongOneAxis(editor.parameters.get(name), shapes.get(input));
  if (vector === undefined || editor.parameters.has(input)) return undefined;
  const { axis, data } = vector;
  if (node.op === 'Mul') return { input, scaling: { axis, scale: data } };
  if (node.op === 'Add') return { input, scaling: { axis, shift: data } };
  if (!swapped) return { input, scaling: { axis, shift: data.map((value) => -value) } };
  return { input, scaling: { axis, scale: data.map(() => -1), shift: data } };
}

/** A parameter that has one value for all of x, or one along an axis of x, and does not enlarge x. */
function alongOneAxis(
  parameter: { readonly shape: readonly number[]; readonly data: Float64Array } | undefined,
  x: Shape | undefined,
): { axis: number; data: Float64Array } | undefined {
  if (parameter === undefined || x === undefined || parameter.shape.length > x.length) return undefined;
  const lead = x.length - parameter.shape.length;
  const axes = parameter.shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  const [own = -1] = axes;
  if (axes.length > 1) return undefined;
  if (own >= 0 && x[own + lead] !== parameter.shape[own]) return undefined;
  return { axis: Math.max(0, own + lead), data: parameter.data };
}

/** First one scaling, then the other; undefined if they go along different axes. */
export function combine(first: Scaling, second: Scaling): Scaling | undefined {
  const [a, b] = [length(first), length(second)];
  if (a !== 1 && b !== 1 && first.axis !== second.axis) return undefined;
  const size = Math.max(a, b);
  const axis = a === 1 ? second.axis : first.axis;
  const [s1, t1, s2, t2] = [scaleOf(first), shiftOf(first), scaleOf(second), shiftOf(second)];
  const scale = Float64Array.from({ length: size }, (_, i) => s1(i) * s2(i));
  const shift = Float64Array.from({ length: size }, (_, i) => t1(i) * s2(i) + t2(i));
  return {
    axis,
    ...((first.scale ?? second.scale) && { scale }),
    ...((first.shift ?? second.shift) && { shift }),
  };
}

/** Number of values along the axis: 1 if one stands for all. */
export function length({ scale, shift }: Scaling): number {
  return Math.max(scale?.length ?? 1, shift?.length ?? 1);
}

/** Scale of index i. */
export function scaleOf({ scale }: Scaling): (i: number) => number {
  return (i) => (scale === undefined ? 1 : at(scale, scale.length === 1 ? 0 : i));
}

/** Shift of index i. */
export function shiftOf({ shift }: Scaling): (i: number) => number {
  return (i) => (shift === undefined ? 0 : at(shift, shift.length === 1 ? 0 : i));
}

/** A node that computes a scaling: Mul or Add where that is enough. */
export function writeScaling(
  editor: GraphEditor,
  rank: number,
  name: string,
  input: string,
  output: string,
  scaling: Scaling,
): GraphNode {
  const { scale, shift, axis } = scaling;
  const common = { name, outputs: [output] };
  const shaped = (data: Float64Array) =>
    data.length === 1 ? [] : [data.length, ...new Array<number>(rank - axis - 1).fill(1)];
  if (scale !== undefined && shift === undefined) {
    const parameter = editor.addParameter(`${name}.scale`, shaped(scale), scale);
    return { ...common, op: 'Mul', inputs: [input, parameter], attributes: {} };
  }
  if (scale === undefined && shift !== undefined) {
    const parameter = editor.addParameter(`${name}.shift`, shaped(shift), shift);
    return { ...common, op: 'Add', inputs: [input, parameter], attributes: {} };
  }
  const size = length(scaling);
  const vector = (kind: string, value: (i: number) => number) =>
    editor.addParameter(
      `${name}.${kind}`,
      [size],
      Float64Array.from({ length: size }, (_, i) => value(i)),
    );
  const inputs = [input, vector('scale', scaleOf(scaling)), vector('shift', shiftOf(scaling))];
  return { ...common, op: 'Affine', inputs, attributes: { axis } };
}
