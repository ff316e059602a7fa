/**
 * Transforms as nodes of ONNX. What a key makes of a block stands in Constant nodes, so that what trains or locks the
 * weights of a file leaves it alone.
 */
import { type EncodedNode, type EncodedTensor, encodeOnnx } from '@tacit/onnx';
import type { BlockKey, BlockSize } from '../block-key.js';
import { type Geometry, stripsOf } from '../images.js';
import { encryptedValues } from '../kernels.js';
import { nodesOf } from './rewire.js';

/** Begins the names of all nodes and values that stand for a transform. */
export const PREFIX = 'tacit_transform/';
/** The value that the rest of the network reads. */
export const RESULT = `${PREFIX}images`;

/** A list of nodes in the making. */
class Nodes {
  readonly list: EncodedNode[] = [];

  add(op: string, inputs: readonly string[], attributes: EncodedNode['attributes'] = {}): string {
    const name = `${PREFIX}${op}_${this.list.length}`;
    this.list.push({ op, name, inputs, outputs: [name], attributes });
    return name;
  }

  constant(constant: EncodedTensor): string {
    const name = `${PREFIX}Constant_${this.list.length}`;
    this.list.push({ op: 'Constant', name, inputs: [], outputs: [name], attributes: {}, constant });
    return name;
  }

  number(value: number): string {
    return this.constant({ shape: [], data: [value] });
  }

  ints(data: ArrayLike<number>): string {
    return this.constant({ type: 'int64', shape: [data.length], data });
  }

  /** In the form of a file, the last one giving the result. */
  written(x: string): readonly Uint8Array[] {
    this.list.push({ op: 'Identity', name: `${PREFIX}end`, inputs: [x], outputs: [RESULT], attributes: {} });
    const model = { opset: 13, name: '', inputs: [], outputs: [], initializers: new Map() };
    return nodesOf(encodeOnnx({ ...model, nodes: this.list }));
  }
}

/**
 * The place that a transform will have: its input goes through as it is.
 * @param input name of the images
 * @returns a node in the form of a file
 */
export const stubNodes = (input: string): readonly Uint8Array[] => new Nodes().written(input);

/**
 * A transform as nodes.
 * @param input name of the images
 * @param key what the key makes of a block
 * @param geometry sizes of the images
 * @param block side of a block
 * @returns nodes in the form of a file
 */
export function transformNodes(
  input: string,
  key: BlockKey,
  geometry: Geometry,
  block: BlockSize,
): readonly Uint8Array[] {
  const nodes = new Nodes();
  if (key.kind === 'shf') return nodes.written(shuffle(nodes, input, key.order, geometry, block));
  const { shape, mask } = wholeMask(key.mask, geometry, block);
  const whole = (f: (one: number) => number): string => nodes.constant({ shape, data: Array.from(mask, f) });
  if (key.kind === 'np') {
    const signed = nodes.add('Mul', [input, whole((one) => 1 - 2 * one)]);
    return nodes.written(nodes.add('Add', [signed, whole((one) => one)]));
  }
  // The nearest byte, and 256 more where it is encrypted, is a place in a table of 512.
  const nearest = nodes.add('Floor', [
    nodes.add('Add', [nodes.add('Mul', [input, nodes.number(255)]), nodes.number(0.5)]),
  ]);
  const place = nodes.add('Add', [nearest, whole((one) => 256 * one)]);
  const values = nodes.constant({ shape: [512], data: encryptedValues(key.forward) });
  const index = nodes.add('Cast', [place], { to: { i: 7 } });
  return nodes.written(nodes.add('Gather', [values, index], { axis: { i: 0 } }));
}

/** Which numbers of an image the mask of its blocks marks. */
function wholeMask(
  mask: Uint8Array,
  geometry: Geometry,
  block: BlockSize,
): { readonly shape: readonly number[]; readonly mask: Uint8Array } {
  const { layout, channels, height, width } = geometry;
  const sizes = { C: channels, H: height, W: width };
  const shape = [...layout].map((axis) => sizes[axis as 'C' | 'H' | 'W']);
  const strip = stripsOf(geometry, block);
  const whole = new Uint8Array(channels * height * width);
  for (let plane = 0; plane < strip.planes; plane++)
    for (let i = 0; i < strip.count; i++)
      for (let at = 0; at < strip.length; at++)
        whole[plane * strip.planeSize + i * strip.length + at] =
          mask[strip.places[plane * strip.length + at]];
  return { shape, mask: whole };
}

function shuffle(
  nodes: Nodes,
  input: string,
  order: Uint32Array,
  { layout, channels, height, width }: Geometry,
  block: BlockSize,
): string {
  const [down, across] = [height / block, width / block];
  // 0 stands for the number of images, whatever it is.
  const split = {
    CHW: { sizes: [0, channels, down, block, across, block], perm: [0, 2, 4, 3, 5, 1] },
    HWC: { sizes: [0, down, block, across, block, channels], perm: [0, 1, 3, 2, 4, 5] },
    HW: { sizes: [0, down, block, across, block], perm: [0, 1, 3, 2, 4] },
  }[layout];
  const { sizes, perm } = split;
  const back = perm.map((_, axis) => perm.indexOf(axis));
  const whole = {
    CHW: [0, channels, height, width],
    HWC: [0, height, width, channels],
    HW: [0, height, width],
  }[layout];
  const reshape = (x: string, shape: readonly number[]): string =>
    nodes.add('Reshape', [x, nodes.ints(shape)]);
  const transpose = (x: string, by: readonly number[]): string =>
    nodes.add('Transpose', [x], { perm: { ints: by } });
  const blocks = reshape(transpose(reshape(input, sizes), perm), [0, down * across, order.length]);
  const shuffled = nodes.add('Gather', [blocks, nodes.ints(order)], { axis: { i: 2 } });
  const parts = reshape(
    shuffled,
    perm.map((axis) => sizes[axis]),
  );
  return reshape(transpose(parts, back), whole);
}
