/** Sums of elements that public lists name: what falls on one place of an image. Local. */
import type { Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';

/**
 * Along the last axis, for each list the sum of the elements that it names.
 * @param size elements along that axis
 */
export function placeSums(
  context: NodeContext,
  x: Value,
  size: number,
  lists: readonly (readonly number[])[],
): Value {
  const axis = context.rank(x) - 1;
  const most = Math.max(1, ...lists.map(({ length }) => length));
  context.checkCount(lists.length * most, 'the sums');
  // One more element, a zero, where a list is shorter than the others.
  const short = lists.some(({ length }) => length < most);
  const pads = new Array<number>(2 * axis + 2).fill(0);
  pads[2 * axis + 1] = 1;
  const wide = short ? context.emit('Pad', [x], { pads, value: 0 }) : x;
  const indices = lists.flatMap((own) => Array.from({ length: most }, (_, i) => own[i] ?? size));
  if (most === 1) return context.emit('Take', [wide], { axis, indices, shape: [lists.length] });
  const parts = context.emit('Take', [wide], { axis, indices, shape: [lists.length, most] });
  return context.emit('ReduceSum', [parts], { axes: [axis + 1], keepDims: false });
}
