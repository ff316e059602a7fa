/** Who dials whom when a group forms. */
import { CommArgumentError } from '../errors.js';

export interface LinkPlan {
  readonly dial: readonly number[];
  readonly await: readonly number[];
}

/**
 * Member j dials member i < j; if i has no address, i dials j. All members must have the same `addresses` up to
 * the text of each. Of `only`, if it is given, members are the only ones that count. Throws CommArgumentError if neither
 * of two members can listen.
 */
export function planLinks(
  rank: number,
  size: number,
  addresses: readonly (string | undefined)[],
  only?: readonly number[],
): LinkPlan {
  if (!Number.isInteger(rank) || rank < 0 || rank >= size || addresses.length !== size)
    throw new CommArgumentError(`rank ${rank} of ${size} with ${addresses.length} addresses makes no group`);
  const dial: number[] = [];
  const awaited: number[] = [];
  for (let peer = 0; peer < size; peer++) {
    if (peer === rank || only?.includes(peer) === false) continue;
    const [low, high] = peer < rank ? [peer, rank] : [rank, peer];
    const listener = addresses[low] ? low : high;
    if (!addresses[listener])
      throw new CommArgumentError(`neither rank ${low} nor rank ${high} has an address`);
    (listener === rank ? awaited : dial).push(peer);
  }
  return { dial, await: awaited };
}
