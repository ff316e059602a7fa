/**
 * The bit [x >= 0] as a shared number 0 or 1: e = [x >= 0] ^ beta is opened (compare/sign.ts), then
 * b_i = [i=0] e + (1 - 2e) beta_i. Exact for |x| < 2^(l-1). Rounds and bytes as ReLU; dealer 8 bytes beside the tree.
 * All comparisons of two tensors are this one on a difference.
 */
import { openMaskedInput } from '../compare/masked-input.js';
import {
  bitsAsWords,
  type ComparisonOptions,
  dealSign,
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
import { blockOf, type Field, Layout } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { type TreePlan, type TreeShape, treeFor } from '../trees/tree-plan.js';

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
  return nonNegativeProtocol.runOn(session, x, { l, tree });
}

export const nonNegativeProtocol = defineProtocol<Parameters, Fields>({
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
    const c = await openMaskedInput(op, own.sign.r, l, share);
    const e = await openSign(op, own.plan, own.sign, l, c);
    op.pool.give(c);
    op.eachBlock((block) => {
      const beta = op.shareInScratch(own.beta, block);
      op.ring.bitCombine(blockOf(out, block), signPlane(op, e, block), beta, op.first);
    });
    op.pool.give(e);
  },
  dealer(op, _, own) {
    op.eachBlock((block) => {
      const beta = dealSign(op, own.plan, own.sign, op.freeInScratch(own.sign.r, block), block);
      op.deal(own.beta, bitsAsWords(op, beta, block), block);
    });
  },
  examples: {
    'comparison (<, <=, >, >=)': (s, { x }) => nonNegative(s, x),
  },
});
