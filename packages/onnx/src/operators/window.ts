/** Sliding windows: attributes that Conv and the pools share. One to three spatial axes. */
import { isNumeric, type OpenPads, type Shape, samePads } from '@tacit/graph';
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
export function readWindow(
  context: NodeContext,
  input: Shape,
  kernel: readonly number[],
  most: 2 | 3 = 3,
): WindowAttributes {
  const spatial = input.slice(2);
  const axes = spatial.length;
  if (input.length < 3 || axes > most) context.fail(`${axes} spatial axes; 1 to ${most} are supported`);
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
