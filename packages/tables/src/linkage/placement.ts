/** Which row is in which bin: known to the owner of the rows only. */
import type { BinPlan } from './bin-plan.js';
import { LinkPlacementError } from './errors.js';
import type { HashedKey } from './hashed-keys.js';

const NOBODY = -1;

/**
 * One bin for each row, of those that its key names. A row that finds them taken moves others on, along the shortest
 * chain that ends in an empty bin: so there is a place for all rows whenever there can be.
 * @param keys the keys of the rows
 * @param bins how many bins there are
 * @returns the row in each bin, -1 where there is none
 * @throws LinkPlacementError where there is no such assignment
 */
export function placeRows(keys: readonly HashedKey[], bins: number): Int32Array {
  const rowIn = new Int32Array(bins).fill(NOBODY);
  const from = new Int32Array(bins);
  for (let row = 0; row < keys.length; row++) {
    // Bins that have been reached, in the order of their distance, and the bin whose row would move there.
    const reached: number[] = [...keys[row].bins];
    const seen = new Set(reached);
    for (const bin of reached) from[bin] = NOBODY;
    let end = NOBODY;
    for (let next = 0; next < reached.length; next++) {
      const bin = reached[next];
      if (rowIn[bin] === NOBODY) {
        end = bin;
        break;
      }
      for (const other of keys[rowIn[bin]].bins)
        if (!seen.has(other)) {
          seen.add(other);
          from[other] = bin;
          reached.push(other);
        }
    }
    if (end === NOBODY)
      throw new LinkPlacementError(
        'the rows of a table found no place under this salt: link the tables again',
      );
    while (from[end] !== NOBODY) {
      rowIn[end] = rowIn[from[end]];
      end = from[end];
    }
    rowIn[end] = row;
  }
  return rowIn;
}

/**
 * The rows of the other table, in all bins that their keys name.
 * @param keys the keys of these rows
 * @param plan bins and their capacity
 * @returns of each bin after the other the rows in it, -1 where there is room left
 * @throws LinkPlacementError where a bin has no room
 */
export function placeCandidates(keys: readonly HashedKey[], { bins, capacity }: BinPlan): Int32Array {
  const slots = new Int32Array(bins * capacity).fill(NOBODY);
  const filled = new Int32Array(bins);
  for (let row = 0; row < keys.length; row++)
    for (const bin of keys[row].bins) {
      if (filled[bin] === capacity)
        throw new LinkPlacementError(
          'the rows of a table found no room under this salt: link the tables again',
        );
      slots[bin * capacity + filled[bin]++] = row;
    }
  return slots;
}
