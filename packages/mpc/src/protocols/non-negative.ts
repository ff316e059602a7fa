/**
 * The bit [x >= 0] as a shared number 0 or 1: e = [x >= 0] ^ beta is opened (compare/sign.ts), then
 * b_i = [i=0] e + (1 - 2e) beta_i. Exact for |x| < 2^(l-1). Rounds and bytes as ReLU; dealer 8 bytes beside the tree.
 * All comparisons of two tensors are this one on a difference.
 */
import {
  dealSign,
  openSign,
  type SignFields,
  signDefinition,
  signFields,
  signPlan,
  signPlane,
} from '../compare/sign.js';
import {
  type Comparison,
  type ComparisonOptions,
  comparisonOf,
  readTree,
} from '../compare/tree-parameter.js';
import { oncePerPlan } from '../definition/fields-cache.js';
import { defineProtocol } from '../definition/protocol.js';
import { blockOf, Layout } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';

interface Fields {
  readonly layout: Layout;
  readonly sign: SignFields;
}

/** [x >= 0] at scale 0. */
export const nonNegative = (session: Session, x: Share, options: ComparisonOptions = {}): Share =>
  nonNegativeProtocol.runOn(session, x, comparisonOf(session, x.size, options));

export const nonNegativeProtocol = defineProtocol<Comparison, Fields>({
  ...signDefinition,
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
      return { layout, sign: signFields(layout, plan) };
    },
  ),
  async party(op, { inputs: [share], out, parameters: { l }, fields: own }) {
    const { c, e } = await openSign(op, own.sign, l, share);
    op.pool.give(c);
    op.eachBlock((block) => {
      const beta = op.shareInScratch(own.sign.betaWord, block);
      op.ring.bitCombine(blockOf(out, block), signPlane(op, e, block), beta, op.first);
    });
    op.pool.give(e);
  },
  dealer(op, _, own) {
    op.eachBlock((block) => {
      op.deal(own.sign.betaWord, dealSign(op, own.sign, op.freeInScratch(own.sign.r, block), block), block);
    });
  },
  examples: {
    'comparison (<, <=, >, >=)': (s, { x }) => nonNegative(s, x),
  },
});
