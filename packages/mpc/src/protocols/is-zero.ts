/**
 * The bit [x = 0] as a shared number 0 or 1: open c = x + r mod 2^l, then x = 0 where c = r, by a tree of equalities
 * (trees/tree-plan.ts) that ends in a bit opened under a mask (compare/bit-opening.ts). Source: docs/protocols.md
 * with leaves that give eq only.
 *
 * Exact for |x| < 2^(l-1); with l = 64 for every x. Rounds 2 + levels of the tree; bytes an element, l = 64: BT-4
 * 8 + 20 bits + 1 bit = 10.6, dealer 45; BT-3 8 + 8 bits + 1 bit = 9.1, dealer 294.
 */
import { type BitFields, bitFields, bitShare, dealBit, openBit } from '../compare/bit-opening.js';
import {
  compareWithMask,
  dealTree,
  type TreeFields,
  treeFields,
  treeOpenings,
} from '../compare/compare-with-mask.js';
import { differencePlanes, openMaskedInput } from '../compare/masked-input.js';
import {
  type Comparison,
  type ComparisonOptions,
  comparisonOf,
  readTree,
} from '../compare/tree-parameter.js';
import { oncePerPlan } from '../definition/fields-cache.js';
import { defineProtocol } from '../definition/protocol.js';
import { blockOf, type Field, Layout } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { planTree, type TreePlan } from '../trees/tree-plan.js';

interface Fields {
  readonly layout: Layout;
  readonly plan: TreePlan;
  readonly r: Field;
  readonly tree: TreeFields;
  readonly bit: BitFields;
}

/** [x = 0] at scale 0. */
export const isZero = (session: Session, x: Share, options: ComparisonOptions = {}): Share =>
  isZeroProtocol.runOn(
    session,
    x,
    comparisonOf(session, x.size, options, (l) => l),
  );

export const isZeroProtocol = defineProtocol<Comparison, Fields>({
  kind: 'equal',
  elementwise: true,
  parameters(request) {
    const l = request.window();
    return { l, tree: readTree(request, l) };
  },
  fields: oncePerPlan(
    ({ l, tree }) => planTree(l, tree, 'equal'),
    () => '',
    (_, plan) => {
      const layout = new Layout();
      return {
        layout,
        plan,
        r: layout.freeWords('r'),
        tree: treeFields(layout, plan),
        bit: bitFields(layout),
      };
    },
  ),
  rounds: (_, { plan }) => 2 + plan.levels.length,
  opens: ({ l }, { plan }) => [{ bits: l }, ...treeOpenings(plan), { planes: 1 }],
  async party(op, { inputs: [share], out, parameters: { l }, fields: own }) {
    const c = await openMaskedInput(op, own.r, l, share);
    const equal = await compareWithMask(op, own.plan, own.tree, (block, planes) =>
      differencePlanes(op, c, 0n, block, planes, 0, l),
    );
    const e = await openBit(op, own.bit, equal);
    for (const block of op.blocks()) bitShare(op, own.bit, e, block, blockOf(out, block));
    op.pool.give(c);
    op.pool.give(e);
  },
  dealer(op, _, own) {
    op.eachBlock((block) => {
      dealTree(op, own.plan, own.tree, op.freeInScratch(own.r, block), block);
      dealBit(op, own.bit, block);
    });
  },
  examples: {
    equality: (s, { x }) => isZero(s, x),
  },
});
