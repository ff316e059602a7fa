/** Two thresholds on one opening: whether a number lies between them, and whether it lies above both. */
import type { Words } from '@tacit/ring';
import { type Block, type Field, planeWords } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { PlaneWriter } from './compare-with-mask.js';
import { differencePlanes } from './masked-input.js';

/**
 * Writes this party's shares of [low <= x < high] and [x >= high], for one block, as two planes.
 * @param less of the trees on c - low and c - high, c = x + r
 * @param top the dealt top bit of r
 * @param l window
 */
export function intervalPlanes(
  op: PartyOp,
  less: PlaneWriter,
  top: Field,
  c: Words,
  thresholds: readonly bigint[],
  l: number,
  block: Block,
  planes: Words,
): void {
  const mark = op.scratch.mark();
  const stride = planeWords(block.length);
  const inside = planes.subarray(0, stride);
  const above = planes.subarray(stride);
  const plane = op.scratch.words(stride);
  less(block, planes);
  if (op.first)
    [inside, above].forEach((bit, j) => {
      differencePlanes(op, c, thresholds[j], block, plane, l - 1, 1);
      op.ring.xor(bit, bit, plane);
    });
  // Both are [x < t] but for the top bit of r, which their difference does not have.
  op.ring.xor(inside, inside, above);
  op.share(top, plane, block);
  op.ring.xor(above, above, plane);
  if (op.first) op.ring.not(above, above);
  op.scratch.release(mark);
}
