/** Sliding windows: attributes that Conv and the pools share. One or two spatial axes. */
import { ModelShapeError } from '../errors.js';
import type { Pads, SamePads, Shape, WindowAttributes } from '../graph.js';
import type { NodeContext } from '../node-context.js';
import { at, isNumeric, samePads, show, type WindowGeometry, windowSizes } from '../shapes.js';

/** Beyond this a size is a damaged file, not a network. */
const MAX_SIZE = 2 ** 24;

/** Reads kernel, strides, dilations and padding; SAME_* is resolved where the input size is known. */
export function readWindow(
  context: NodeContext,
  input: Shape,
  kernel: readonly number[],
): WindowAttributes<'model'> {
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
  { kernel, strides, dilations }: Omit<WindowAttributes<'model'>, 'pads'>,
): Pads<'model'> {
  const none = new Array<number>(2 * spatial.length).fill(0);
  const explicit = context.ints('pads');
  const mode = context.string('auto_pad', 'NOTSET');
  if (mode === 'VALID') return none;
  if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER')
    return isNumeric(spatial) ? samePads(mode, spatial, kernel, strides, dilations) : mode;
  if (mode !== 'NOTSET' && mode !== '') context.fail(`auto_pad is ${JSON.stringify(mode)}`);
  const pads = explicit ?? none;
  if (pads.length !== none.length)
    context.fail(`pads has ${pads.length} elements for ${spatial.length} axes`);
  if (!pads.every((value) => Number.isInteger(value) && value >= 0 && value <= MAX_SIZE))
    context.fail(`pads is [${pads.join(', ')}]`);
  return pads;
}

/** Attributes of a pool, whose windows may not lie in the padding altogether. */
export function readPool(context: NodeContext, input: Shape): WindowAttributes<'model'> {
  const kernel = context.ints('kernel_shape') ?? context.fail('kernel_shape is missing');
  const window = readWindow(context, input, kernel);
  const reach = kernel.map((size, axis) => (size - 1) * at(window.dilations, axis) + 1);
  if (typeof window.pads !== 'string' && window.pads.some((pad, i) => pad >= at(reach, i % kernel.length)))
    context.fail(`pads [${window.pads.join(', ')}] are as large as the window`);
  return window;
}

/** Output shape of a pool. */
export function inferPool(input: Shape | undefined, window: WindowGeometry): Shape {
  if (input === undefined || input.length !== window.kernel.length + 2)
    throw new ModelShapeError(`no window of ${window.kernel.length} axes over input ${show(input)}`);
  return [at(input, 0), at(input, 1), ...windowSizes(input.slice(2), window)];
}

/** Explicit pads for a concrete input. */
export function concretePads(
  input: readonly number[],
  window: { readonly pads: readonly number[] | SamePads } & Omit<WindowAttributes<'model'>, 'pads'>,
): readonly number[] {
  const { pads, kernel, strides, dilations } = window;
  return typeof pads === 'string' ? samePads(pads, input.slice(2), kernel, strides, dilations) : pads;
}

/** One or two spatial axes as two. */
export interface Window2d {
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number];
}

export function asWindow2d(
  input: readonly number[],
  output: readonly number[],
  window: WindowAttributes<'concrete'>,
): Window2d {
  const pair = (values: readonly number[], lead: number): [number, number] =>
    values.length === 1 ? [lead, at(values, 0)] : [at(values, 0), at(values, 1)];
  const axes = window.kernel.length;
  const [top, left] = pair(window.pads.slice(0, axes), 0);
  const [bottom, right] = pair(window.pads.slice(axes), 0);
  const [height, width] = pair(input.slice(2), 1);
  const [outHeight, outWidth] = pair(output.slice(2), 1);
  return {
    height,
    width,
    outHeight,
    outWidth,
    kernel: pair(window.kernel, 1),
    strides: pair(window.strides, 1),
    dilations: pair(window.dilations, 1),
    pads: [top, left, bottom, right],
  };
}
