/**
 * The opened sign: from c = x + r (public) to e = [x >= 0] ^ beta (public), beta a secret random bit.
 *
 *     sign(x) = c_t ^ r_t ^ [c' < r']        c = c' + 2^(l-1) c_t, r = r' + 2^(l-1) r_t, |x| < 2^(l-1)
 *
 * What follows (ReLU, the bit itself, a selection) is local arithmetic on e and dealt multiples of beta.
 */
import type { Words } from '@tacit/ring';
import type { DealerOp } from '../definition/dealer-op.js';
import { type Block, type Field, type Layout, type Opening, planeWords } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import { planTree, type TreePlan, type TreeShape } from '../trees/tree-plan.js';
import { compareWithMask, dealTree, type TreeFields, treeFields, treeOpenings } from './compare-with-mask.js';
import { differencePlanes } from './masked-input.js';

/** How numbers are compared. */
export interface ComparisonOptions {
  /** Window l: |x| < 2^(l-1). Default the session's. */
  readonly window?: number;
  /** Default: that of the session for this many elements. */
  readonly tree?: TreeShape;
}

export interface SignFields {
  readonly r: Field;
  readonly tree: TreeFields;
  /** Dealt top bit of r. */
  readonly top: Field;
  /** The bit that hides the sign. */
  readonly beta: Field;
}

export const signPlan = (l: number, shape: TreeShape): TreePlan => planTree(l - 1, shape);

export const signFields = (layout: Layout, plan: TreePlan): SignFields => ({
  r: layout.freeWords('r'),
  tree: treeFields(layout, plan),
  top: layout.planes('r_t', 1),
  beta: layout.freePlanes('beta', 1),
});

/** Rounds from the opening of c (included) to e. */
export const signRounds = (plan: TreePlan): number => 2 + plan.levels.length;

/** What is opened from c (included) to e. */
export const signOpenings = (l: number, plan: TreePlan): Opening[] => [
  { bits: l },
  ...treeOpenings(plan),
  { planes: 1 },
];

/**
 * Runs the tree on the opened c and opens e, one plane a block.
 * @param threshold e tells [x >= threshold] for it, of which |x - threshold| < 2^(l-1); default 0
 */
export async function openSign(
  op: PartyOp,
  plan: TreePlan,
  fields: SignFields,
  l: number,
  c: Words,
  threshold = 0n,
): Promise<Words> {
  const u = await compareWithMask(op, plan, fields.tree, (block, planes) =>
    differencePlanes(op, c, threshold, block, planes, 0, plan.bits),
  );
  return op.openPlanes('e', 1, (block, out) => {
    const mark = op.scratch.mark();
    const t = op.scratch.words(planeWords(block.length));
    u(block, out);
    op.share(fields.top, t, block);
    op.ring.xor(out, out, t);
    op.share(fields.beta, t, block);
    op.ring.xor(out, out, t);
    if (op.first) {
      differencePlanes(op, c, threshold, block, t, l - 1, 1);
      op.ring.xor(out, out, t);
      op.ring.not(out, out);
    }
    op.scratch.release(mark);
  });
}

/** The plane of e that belongs to a block, copied to scratch. */
export function signPlane(op: PartyOp, e: Words, block: Block): Words {
  const t = op.scratch.words(planeWords(block.length));
  t.set(e.subarray(block.start / 64, block.start / 64 + t.length));
  return t;
}

/** Dealer half, one block of masks r: leaves, products and the top bit. Returns the plane of beta, in scratch. */
export function dealSign(op: DealerOp, plan: TreePlan, fields: SignFields, r: Words, block: Block): Words {
  dealTree(op, plan, fields.tree, r, block, { top: fields.top });
  return op.freeInScratch(fields.beta, block);
}

/** Bits as words 0 and 1, in scratch. */
export function bitsAsWords(op: DealerOp, plane: Words, block: Block): Words {
  const words = op.scratch.words(block.length);
  op.ring.fromPlanes(words, plane, block.length, 0, 1);
  return words;
}
