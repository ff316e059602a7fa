/**
 * The bit [x = 0] as a shared number 0 or 1: open c = x + r mod 2^l, then x = 0 where c = r, by a tree of equalities
 * (compare/tree.ts) that ends in a bit opened under a mask (compare/bit-opening.ts). Source: docs/protocols.md
 * with leaves that give eq only.
 *
 * Exact for |x| < 2^(l-1); with l = 64 for every x. Rounds 2 + levels of the tree; bytes an element, l = 64: BT-4
 * 8 + 20 bits + 1 bit = 10.6, dealer 45; BT-3 8 + 8 bits + 1 bit = 9.1, dealer 294.
 */
import { type BitFields, bitFields, bitShare, dealBit, openBit } from '../compare/bit-opening.js';
import { LayoutCache } from '../compare/layout-cache.js';
import { compareWithMask, dealLeaves, dealLevels, type TreeFields, treeFields } from '../compare/machine.js';
import { planTree, type TreePlan, type TreeShape, treeFor } from '../compare/tree.js';
import type { DealerHalf } from '../dealer/half.js';
import { type Field, Layout, planeWords } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';

interface EqualDescriptor extends Descriptor {
  readonly kind: 'equal';
  readonly shape: readonly number[];
  readonly l: number;
  readonly tree: TreeShape;
}

interface EqualFields {
  readonly layout: Layout;
  readonly plan: TreePlan;
  readonly r: Field;
  readonly tree: TreeFields;
  readonly bit: BitFields;
}

const known = new LayoutCache<EqualFields>();
const fields = (l: number, tree: TreeShape): EqualFields =>
  known.get('equal', planTree(l, tree, 'equal'), (plan) => {
    const layout = new Layout();
    return {
      layout,
      plan,
      r: layout.freeWords('r'),
      tree: treeFields(layout, plan),
      bit: bitFields(layout),
    };
  });

/** [x = 0] at scale 0. */
export function isZero(
  session: Session,
  x: Share,
  {
    window: l = session.config.window,
    tree = treeFor(session.config.tree, x.size, l),
  }: { window?: number; tree?: TreeShape } = {},
): Share {
  const own = fields(l, tree);
  const { shape, size: n } = x;
  const descriptor: EqualDescriptor = { kind: 'equal', n, shape, l, tree };
  const rounds = 2 + own.plan.levels.length;
  const spec = { descriptor, inputs: [x], shape, rounds, layout: own.layout };
  return session.issueElementwise(spec, async (op, [share], out) => {
    const c = await op.openWords('c', l, (block, t) => {
      op.share(own.r, t, block);
      op.ring.add(t, t, share.subarray(block.start, block.start + block.length));
    });
    const equal = await compareWithMask(op, own.plan, own.tree, (block, planes) =>
      op.ring.toPlanes(planes, c.subarray(block.start, block.start + block.length), block.length, 0, l),
    );
    const e = await openBit(op, own.bit, equal);
    for (const block of op.blocks())
      bitShare(op, own.bit, e, block, out.subarray(block.start, block.start + block.length));
    op.pool.give(c);
    op.pool.give(e);
  });
}

export const equalDealer: DealerHalf<EqualDescriptor> = {
  kind: 'equal',
  elementwise: true,
  check(request) {
    request.tree(request.window());
  },
  layout: ({ l, tree }) => fields(l, tree).layout,
  deal(op, { l, tree }) {
    const own = fields(l, tree);
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const r = op.scratch.words(block.length);
      const planes = op.scratch.words(l * planeWords(block.length));
      op.free(own.r, r, block);
      op.ring.toPlanes(planes, r, block.length, 0, l);
      dealLeaves(op, own.plan, own.tree, planes, block);
      dealLevels(op, own.plan, own.tree, block);
      dealBit(op, own.bit, block);
      op.scratch.release(mark);
    }
  },
};
