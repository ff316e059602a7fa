/**
 * The bit [x < 0], told to all parties. Only where the caller has made sure that it tells nothing, as in sort.ts.
 *
 *     [x < 0] = c_t ^ r_t ^ [c' < r']        as in compare/sign.ts, c = x + r opened under a free mask
 *
 * The bit is not hidden by a random one first, which saves a round, a message and a dealt word. What a party tells is its
 * share of the bit: to it belongs its share of r_t, dealt for this purpose only, so the shares of all parties are uniform
 * with the XOR [x < 0], whatever shares the tree has made. A simulator that knows the bit draws them so.
 *
 * Exact for |x| < 2^(l-1). Rounds: as a comparison. Bytes: as a comparison; dealer: 8 fewer.
 */
import {
  compareWithMask,
  dealTree,
  type TreeFields,
  treeFields,
  treeOpenings,
} from '../compare/compare-with-mask.js';
import { differencePlanes, openMaskedInput } from '../compare/masked-input.js';
import { signPlan, signPlane } from '../compare/sign.js';
import { type Comparison, comparisonOf, readTree } from '../compare/tree-parameter.js';
import { oncePerPlan } from '../definition/fields-cache.js';
import { defineProtocol } from '../definition/protocol.js';
import { blockOf, type Field, Layout, planeWords } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import type { TreePlan } from '../trees/tree-plan.js';

interface Fields {
  readonly layout: Layout;
  readonly plan: TreePlan;
  readonly r: Field;
  readonly tree: TreeFields;
  /** Dealt top bit of r. */
  readonly top: Field;
}

/**
 * The bits [x < 0] as words 0 and 1 that every party has: no shares of anything, and nothing to compute with.
 * @param l window: |x| < 2^(l-1)
 */
export const openSigns = (session: Session, x: Share, l: number): Share =>
  openedSignProtocol.runOn(session, x, comparisonOf(session, x.size, { window: l }));

export const openedSignProtocol = defineProtocol<Comparison, Fields>({
  kind: 'opened-sign',
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
      const r = layout.freeWords('r');
      return { layout, plan, r, tree: treeFields(layout, plan), top: layout.planes('r_t', 1) };
    },
  ),
  rounds: (_, { plan }) => 2 + plan.levels.length,
  opens: ({ l }, { plan }) => [{ bits: l }, ...treeOpenings(plan), { planes: 1 }],
  async party(op, { inputs: [share], out, parameters: { l }, fields: { plan, r, tree, top } }) {
    const c = await openMaskedInput(op, r, l, share);
    const less = await compareWithMask(op, plan, tree, (block, planes) =>
      differencePlanes(op, c, 0n, block, planes, 0, plan.bits),
    );
    const bits = await op.revealBits('e', (block, shares) => {
      const mark = op.scratch.mark();
      const t = op.scratch.words(planeWords(block.length));
      less(block, shares);
      op.share(top, t, block);
      op.ring.xor(shares, shares, t);
      if (op.first) {
        differencePlanes(op, c, 0n, block, t, l - 1, 1);
        op.ring.xor(shares, shares, t);
      }
      op.scratch.release(mark);
    });
    op.pool.give(c);
    op.eachBlock((block) =>
      op.ring.fromPlanes(blockOf(out, block), signPlane(op, bits, block), block.length, 0, 1),
    );
    op.pool.give(bits);
  },
  dealer(op, _, { plan, r, tree, top }) {
    op.eachBlock((block) => dealTree(op, plan, tree, op.freeInScratch(r, block), block, { top }));
  },
  examples: {
    'comparison whose bit is told': (s, { x }) => openSigns(s, x, s.config.window),
  },
});
