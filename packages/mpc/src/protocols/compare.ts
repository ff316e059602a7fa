/**
 * The bit [x >= 0] as a shared number 0 or 1: e = [x >= 0] ^ beta is opened (compare/sign.ts), then
 * b_i = [i=0] e + (1 - 2e) beta_i. Exact for |x| < 2^(l-1). Rounds and bytes as ReLU; dealer 8 bytes beside the tree.
 * All comparisons of two tensors are this one on a difference.
 */

import { LayoutCache } from '../compare/layout-cache.js';
import {
  bitsAsWords,
  dealSign,
  openMaskedInput,
  openSign,
  type SignFields,
  signFields,
  signPlan,
  signPlane,
  signRounds,
} from '../compare/sign.js';
import { type TreeShape, treeFor } from '../compare/tree.js';
import type { DealerHalf } from '../dealer/half.js';
import { type Field, Layout } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';

interface CompareDescriptor extends Descriptor {
  readonly kind: 'compare';
  readonly shape: readonly number[];
  readonly l: number;
  readonly tree: TreeShape;
}

interface CompareFields {
  readonly layout: Layout;
  readonly sign: SignFields;
  readonly beta: Field;
}

const known = new LayoutCache<CompareFields>();
const fields = (l: number, tree: TreeShape): CompareFields =>
  known.get(`${l}`, signPlan(l, tree), (plan) => {
    const layout = new Layout();
    return { layout, sign: signFields(layout, plan), beta: layout.words('[beta]') };
  });

/** [x >= 0] at scale 0. */
export function nonNegative(
  session: Session,
  x: Share,
  {
    window: l = session.config.window,
    tree = treeFor(session.config.tree, x.size, l - 1),
  }: { window?: number; tree?: TreeShape } = {},
): Share {
  const plan = signPlan(l, tree);
  const own = fields(l, tree);
  const { shape, size: n } = x;
  const descriptor: CompareDescriptor = { kind: 'compare', n, shape, l, tree };
  const spec = { descriptor, inputs: [x], shape, rounds: signRounds(plan), layout: own.layout };
  return session.issueElementwise(spec, async (op, [share], out) => {
    const c = await openMaskedInput(op, own.sign, l, share);
    const e = await openSign(op, plan, own.sign, l, c);
    op.pool.give(c);
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const beta = op.scratch.words(block.length);
      op.share(own.beta, beta, block);
      op.ring.bitCombine(
        out.subarray(block.start, block.start + block.length),
        signPlane(op, e, block),
        beta,
        op.first,
      );
      op.scratch.release(mark);
    }
    op.pool.give(e);
  });
}

export const compareDealer: DealerHalf<CompareDescriptor> = {
  kind: 'compare',
  elementwise: true,
  check(request) {
    request.tree(request.window() - 1);
  },
  layout: ({ l, tree }) => fields(l, tree).layout,
  deal(op, { l, tree }) {
    const plan = signPlan(l, tree);
    const own = fields(l, tree);
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const r = op.scratch.words(block.length);
      op.free(own.sign.r, r, block);
      const beta = dealSign(op, plan, own.sign, l, r, block);
      op.deal(own.beta, bitsAsWords(op, beta, block), block);
      op.scratch.release(mark);
    }
  },
};
