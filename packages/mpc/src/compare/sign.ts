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
import { differencePlanes, openMaskedInput } from './masked-input.js';

/** The random fields of an opened sign, and the plan of its tree. */
export interface SignFields {
  readonly plan: TreePlan;
  readonly r: Field;
  readonly tree: TreeFields;
  /** Dealt top bit of r. */
  readonly top: Field;
  /** The bit that hides the sign. */
  readonly beta: Field;
  /** That bit as a dealt number. */
  readonly betaWord: Field;
}

export const signPlan = (l: number, shape: TreeShape): TreePlan => planTree(l - 1, shape);

export const signFields = (layout: Layout, plan: TreePlan): SignFields => ({
  plan,
  r: layout.freeWords('r'),
  tree: treeFields(layout, plan),
  top: layout.planes('r_t', 1),
  beta: layout.freePlanes('beta', 1),
  betaWord: layout.words('[beta]'),
});

/** Rounds from the opening of c (included) to e. */
export const signRounds = (plan: TreePlan): number => 2 + plan.levels.length;

/** What the definitions of protocols that open a sign have in common. */
export const signDefinition = {
  rounds: (_: unknown, { sign }: { readonly sign: SignFields }): number => signRounds(sign.plan),
  opens: ({ l }: { readonly l: number }, { sign }: { readonly sign: SignFields }): Opening[] => [
    { bits: l },
    ...treeOpenings(sign.plan),
    { planes: 1 },
  ],
};

/**
 * Opens c = x + r, runs the tree on it and opens e, one plane a block. Both results belong to the pool.
 * @param threshold e tells [x >= threshold] for it, of which |x - threshold| < 2^(l-1); default 0
 */
export async function openSign(
  op: PartyOp,
  { plan, r, tree, top, beta }: SignFields,
  l: number,
  x: Words,
  threshold = 0n,
): Promise<{ readonly c: Words; readonly e: Words }> {
  const c = await openMaskedInput(op, r, l, x);
  const u = await compareWithMask(op, plan, tree, (block, planes) =>
    differencePlanes(op, c, threshold, block, planes, 0, plan.bits),
  );
  const e = await op.openPlanes('e', 1, (block, out) => {
    const mark = op.scratch.mark();
    const t = op.scratch.words(planeWords(block.length));
    u(block, out);
    op.share(top, t, block);
    op.ring.xor(out, out, t);
    op.share(beta, t, block);
    op.ring.xor(out, out, t);
    if (op.first) {
      differencePlanes(op, c, threshold, block, t, l - 1, 1);
      op.ring.xor(out, out, t);
      op.ring.not(out, out);
    }
    op.scratch.release(mark);
  });
  return { c, e };
}

/** The plane of e that belongs to a block, copied to scratch. */
export function signPlane(op: PartyOp, e: Words, block: Block): Words {
  const t = op.scratch.words(planeWords(block.length));
  t.set(e.subarray(block.start / 64, block.start / 64 + t.length));
  return t;
}

/** Dealer half, one block of masks r: leaves, products and the top bit. Returns beta as words 0 and 1, in scratch. */
export function dealSign(op: DealerOp, { plan, tree, top, beta }: SignFields, r: Words, block: Block): Words {
  dealTree(op, plan, tree, r, block, { top });
  return bitsAsWords(op, op.freeInScratch(beta, block), block);
}

/** Bits as words 0 and 1, in scratch. */
export function bitsAsWords(op: DealerOp, plane: Words, block: Block): Words {
  const words = op.scratch.words(block.length);
  op.ring.fromPlanes(words, plane, block.length, 0, 1);
  return words;
}
