/** What the pools share. */
import { at, type Value, windowReach } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { poolVolume } from './volume.js';
import { readWindow, type WindowAttributes } from './window.js';

/** A pool, whose windows may not lie in the padding altogether. */
export function readPool(
  context: NodeContext,
  x: Value,
  pool: (x: Value, window: WindowAttributes) => Value,
): Value {
  const kernel = context.ints('kernel_shape') ?? context.fail('kernel_shape is missing');
  const window = readWindow(context, context.shape(x), kernel);
  const reach = kernel.map((_, axis) => windowReach(window, axis));
  if (typeof window.pads !== 'string' && window.pads.some((pad, i) => pad >= at(reach, i % kernel.length)))
    context.fail(`pads [${window.pads.join(', ')}] are as large as the window`);
  return kernel.length === 3 ? poolVolume(context, x, window, pool) : pool(x, window);
}
