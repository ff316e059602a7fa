/** The matrix (and shift) of each linear operation of a concrete graph. */
import { type ConcreteNode, evaluateNode, type PlainTensor } from '@tacit/onnx';
import { sizeOf } from './network.js';
import { SparseMatrix, SparseRows } from './sparse-matrix.js';

export interface Affine {
  readonly matrix: SparseMatrix;
  readonly bias?: Float64Array;
}

type NodeOf<Op extends ConcreteNode['op']> = Extract<ConcreteNode, { op: Op }>;

/** Operations that only move elements (or drop them, or put a constant beside them). */
export type MovingNode = NodeOf<
  | 'Pad'
  | 'Flatten'
  | 'Reshape'
  | 'Squeeze'
  | 'Unsqueeze'
  | 'Expand'
  | 'Transpose'
  | 'Slice'
  | 'Identity'
  | 'Take'
  | 'Tile'
  | 'Trilu'
  | 'Roll'
  | 'Extend'
  | 'DepthToSpace'
  | 'SpaceToDepth'
  | 'GatherElements'
  | 'GatherND'
>;

/** Where every element of the result comes from: its index in the input, or -1 for a constant. */
export function sourcesOf(node: MovingNode, shape: readonly number[]): { sources: Int32Array; fill: number } {
  const size = sizeOf(shape);
  const numbered: PlainTensor = { shape, data: Float64Array.from({ length: size }, (_, i) => i + 1) };
  const fill = node.op === 'Pad' ? node.attributes.value : 0;
  const plain = node.op === 'Pad' ? { ...node, attributes: { ...node.attributes, value: 0 } } : node;
  const moved = evaluateNode(plain, [numbered]);
  return { sources: Int32Array.from(moved.data, (i) => i - 1), fill };
}

/** y = x W + b over the last axis. */
export function linearMatrix(shape: readonly number[], weight: PlainTensor, bias?: PlainTensor): Affine {
  const [inner = 1, outer = 1] = weight.shape.length === 1 ? [weight.shape[0], 1] : weight.shape;
  const vectors = sizeOf(shape.slice(0, -1));
  const rows = new SparseRows(sizeOf(shape));
  const shift = new Float64Array(vectors * outer);
  for (let v = 0; v < vectors; v++)
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) rows.add(v * inner + i, weight.data[i * outer + o] as number);
      rows.endRow();
      shift[v * outer + o] = bias?.data[bias.data.length === 1 ? 0 : o] ?? 0;
    }
  return { matrix: rows.finish(), bias: shift };
}

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/** Calls `visit(offset in the plane, index in the kernel)` for every tap that falls inside of the input. */
function forTaps(
  window: Window,
  spatial: readonly number[],
  position: readonly number[],
  visit: (offset: number, tap: number) => void,
): void {
  const axes = spatial.length;
  const descend = (axis: number, offset: number, tap: number) => {
    if (axis === axes) {
      visit(offset, tap);
      return;
    }
    const size = spatial[axis] as number;
    const kernel = window.kernel[axis] as number;
    const start =
      (position[axis] as number) * (window.strides[axis] as number) - (window.pads[axis] as number);
    for (let k = 0; k < kernel; k++) {
      const at = start + k * (window.dilations[axis] as number);
      if (at >= 0 && at < size) descend(axis + 1, offset * size + at, tap * kernel + k);
    }
  };
  descend(0, 0, 0);
}

/** Positions of the output in row-major order. */
function* positions(shape: readonly number[]): Generator<readonly number[]> {
  const total = sizeOf(shape);
  for (let i = 0; i < total; i++) {
    const position = new Array<number>(shape.length);
    let rest = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] as number;
      position[axis] = rest % size;
      rest = Math.floor(rest / size);
    }
    yield position;
  }
}

/** Inputs [N, C, ...spatial], weight [O, C/group, ...kernel], bias [O]. */
export function convMatrix(
  node: NodeOf<'Conv'>,
  input: readonly number[],
  output: readonly number[],
  weight: PlainTensor,
  bias?: PlainTensor,
): Affine {
  const [images = 1, channels = 1] = input;
  const [outChannels = 1, groupChannels = 1] = weight.shape;
  const spatial = input.slice(2);
  const plane = sizeOf(spatial);
  const outSpatial = output.slice(2);
  const taps = sizeOf(node.attributes.kernel);
  const perGroup = outChannels / node.attributes.group;
  const rows = new SparseRows(sizeOf(input));
  const shift = new Float64Array(sizeOf(output));
  let row = 0;
  for (let filter = 0; filter < images * outChannels; filter++) {
    const o = filter % outChannels;
    const image = Math.floor(filter / outChannels);
    const firstChannel = image * channels + Math.floor(o / perGroup) * groupChannels;
    for (const position of positions(outSpatial)) {
      forTaps(node.attributes, spatial, position, (offset, tap) => {
        for (let c = 0; c < groupChannels; c++)
          rows.add(
            (firstChannel + c) * plane + offset,
            weight.data[(o * groupChannels + c) * taps + tap] as number,
          );
      });
      rows.endRow();
      shift[row++] = bias?.data[o] ?? 0;
    }
  }
  return { matrix: rows.finish(), bias: shift };
}

/** Average pools; what each window is divided by is asked of the operation itself, so padding counts as it should. */
export function poolMatrix(
  node: NodeOf<'AveragePool'>,
  input: readonly number[],
  output: readonly number[],
): Affine {
  const spatial = input.slice(2);
  const plane = sizeOf(spatial);
  const ones: PlainTensor = { shape: input, data: new Float64Array(sizeOf(input)).fill(1) };
  const means = evaluateNode(node, [ones]).data;
  const rows = new SparseRows(sizeOf(input));
  let row = 0;
  for (let c = 0; c < sizeOf(input.slice(0, 2)); c++)
    for (const position of positions(output.slice(2))) {
      const inside: number[] = [];
      forTaps(node.attributes, spatial, position, (offset) => inside.push(c * plane + offset));
      for (const column of inside) rows.add(column, (means[row] as number) / inside.length);
      rows.endRow();
      row++;
    }
  return { matrix: rows.finish() };
}

/** Sum or mean over axes. */
export function reduceMatrix(input: readonly number[], axes: readonly number[], mean: boolean): Affine {
  const kept = input.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const factor = mean ? sizeOf(kept) / sizeOf(input) : 1;
  const members: number[][] = Array.from({ length: sizeOf(kept) }, () => []);
  let index = 0;
  for (const position of positions(input)) {
    let at = 0;
    for (let axis = 0; axis < input.length; axis++)
      at = at * (kept[axis] as number) + (axes.includes(axis) ? 0 : (position[axis] as number));
    members[at]?.push(index++);
  }
  return {
    matrix: SparseMatrix.fromRows(
      index,
      members.map((list) => list.map((i) => [i, factor] as const)),
    ),
  };
}

/** Index in a tensor of `shape` that every element of the broadcast result reads. */
export function broadcastSources(shape: readonly number[], result: readonly number[]): Int32Array {
  const lead = result.length - shape.length;
  const sources = new Int32Array(sizeOf(result));
  let index = 0;
  for (const position of positions(result)) {
    let at = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      const size = shape[axis] as number;
      at = at * size + (size === 1 ? 0 : (position[axis + lead] as number));
    }
    sources[index++] = at;
  }
  return sources;
}
