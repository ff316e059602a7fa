/** Sliding windows: attributes that Conv and the pools share. One or two spatial axes. */
import { at, isNumeric, type OpenPads, type Shape, samePads } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';

/** Beyond this a size is a damaged file, not a network. */
const MAX_SIZE = 2 ** 24;

/** What Conv and the pools share. */
export interface WindowAttributes {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: OpenPads;
}

/** Reads kernel, strides, dilations and padding; SAME_* is resolved where the input size is known. */
export function readWindow(context: NodeContext, input: Shape, kernel: readonly number[]): WindowAttributes {
  const spatial = input.slice(2);
  const axes = spatial.length;
  if (input.length < 3 || axes > 2) context.fail(`${axes} spatial axes; 1 and 2 are supported`);
  const sizes = (name: string, values: readonly number[] | undefined) => {
    const list = values ?? new Array<number>(axes).fill(1);
    if (list.length !== axes) context.fail(`${name} has ${list.length} elements for ${axes} spatial axes`);
    if (!list.every((value) => Number.isInteger(value) && value >= 1 && value <= MAX_SIZE))
      context.fail(`${name} is [${list.join(', ')}]`);
    return list;
  };
  const geometry = {
    kernel: sizes('kernel_shape', kernel),
    strides: sizes('strides', context.ints('strides')),
    dilations: sizes('dilations', context.ints('dilations')),
  };
  return { ...geometry, pads: readPads(context, spatial, geometry) };
}

function readPads(
  context: NodeContext,
  spatial: Shape,
  { kernel, strides, dilations }: Omit<WindowAttributes, 'pads'>,
): OpenPads {
  const none = new Array<number>(2 * spatial.length).fill(0);
  const explicit = context.ints('pads');
  const mode = context.string('auto_pad', 'NOTSET');
  if (mode === 'VALID') return none;
  if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER')
    return isNumeric(spatial) ? samePads(mode, spatial, { kernel, strides, dilations }) : mode;
  if (mode !== 'NOTSET' && mode !== '') context.fail(`auto_pad is ${JSON.stringify(mode)}`);
  const pads = explicit ?? none;
  if (pads.length !== none.length)
    context.fail(`pads has ${pads.length} elements for ${spatial.length} axes`);
  if (!pads.every((value) => Number.isInteger(value) && value >= 0 && value <= MAX_SIZE))
    context.fail(`pads is [${pads.join(', ')}]`);
  return pads;
}

/** Attributes of a pool, whose windows may not lie in the padding altogether. */
export function readPool(context: NodeContext, input: Shape): WindowAttributes {
  const kernel = context.ints('kernel_shape') ?? context.fail('kernel_shape is missing');
  const window = readWindow(context, input, kernel);
  const reach = kernel.map((size, axis) => (size - 1) * at(window.dilations, axis) + 1);
  if (typeof window.pads !== 'string' && window.pads.some((pad, i) => pad >= at(reach, i % kernel.length)))
    context.fail(`pads [${window.pads.join(', ')}] are as large as the window`);
  return window;
}
