/**
 * The bit [x >= 0] as a shared number 0 or 1: e = [x >= 0] ^ beta is opened (compare/sign.ts), then
 * b_i = [i=0] e + (1 - 2e) beta_i. Exact for |x| < 2^(l-1). Rounds and bytes as ReLU; dealer 8 bytes beside the tree.
 * All comparisons of two tensors are this one on a difference.
 */

import {
  bitsAsWords,
  type ComparisonOptions,
  dealSign,
  openMaskedInput,
  openSign,
  type SignFields,
  signFields,
  signOpenings,
  signPlan,
  signPlane,
  signRounds,
} from '../compare/sign.js';
import { readTree } from '../compare/tree-parameter.js';
import { oncePerPlan } from '../definition/fields-cache.js';
import { defineProtocol } from '../definition/protocol.js';
import { type Field, Layout } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { type TreePlan, type TreeShape, treeFor } from '../trees/tree.js';

interface Parameters {
  readonly l: number;
  readonly tree: TreeShape;
}

interface Fields {
  readonly layout: Layout;
  readonly plan: TreePlan;
  readonly sign: SignFields;
  readonly beta: Field;
}

/** [x >= 0] at scale 0. */
export function nonNegative(
  session: Session,
  x: Share,
  {
    window: l = session.config.window,
    tree = treeFor(session.config.tree, x.size, l - 1),
  }: ComparisonOptions = {},
): Share {
  return compare.run(session, { inputs: [x], shape: x.shape, parameters: { l, tree }, argument: undefined });
}

export const compare = defineProtocol<Parameters, Fields>({
  kind: 'compare',
  elementwise: true,
  parameters(request) {
    const l = request.window();
    return { l, tree: readTree(request, l - 1) };
  },
  fields: oncePerPlan(
    ({ l, tree }) => signPlan(l, tree),
    () => '',
    (_, plan) => {
      const layout = new Layout();
      return { layout, plan, sign: signFields(layout, plan), beta: layout.words('[beta]') };
    },
  ),
  rounds: (_, { plan }) => signRounds(plan),
  opens: ({ l }, { plan }) => signOpenings(l, plan),
  async party(op, { inputs: [share], out, parameters: { l }, fields: own }) {
    const c = await openMaskedInput(op, own.sign, l, share);
    const e = await openSign(op, own.plan, own.sign, l, c);
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
  },
  dealer(op, { l }, own) {
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const r = op.scratch.words(block.length);
      op.free(own.sign.r, r, block);
      const beta = dealSign(op, own.plan, own.sign, l, r, block);
      op.deal(own.beta, bitsAsWords(op, beta, block), block);
      op.scratch.release(mark);
    }
  },
  examples: {
    'comparison (<, <=, >, >=)': (s, { x }) => nonNegative(s, x),
  },
});
