/**
 * Exact floor(x / 2^f): truncation as in truncate.ts gives floor + u with u = [c mod 2^f < r mod 2^f], and u is the
 * result of a comparison of f-bit numbers, subtracted as a shared bit.
 *
 * Exact for |x| < 2^(l-2). Rounds 2 + levels of an f-bit tree (f = 16: 3); bytes an element, l = 64, f = 16:
 * 8 + 6 bits + 1 bit = 8.9 (BT-4); dealer 24 bytes beside the tree. Used where config.truncation is 'exact'.
 */
import type { Words } from '@tacit/ring';
import { type BitFields, bitFields, bitShare, dealBit, openBit } from '../compare/bit-opening.js';
import {
  compareWithMask,
  dealLeaves,
  dealLevels,
  type TreeFields,
  treeFields,
  treeOpenings,
} from '../compare/machine.js';
import { readTree } from '../compare/tree-parameter.js';
import { oncePerPlan } from '../definition/fields-cache.js';
import { defineProtocol } from '../definition/protocol.js';
import { type Field, Layout, planeWords } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { planTree, type TreePlan, type TreeShape, treeFor } from '../trees/tree.js';
import { maskedFloors } from '../truncation/msb-correction.js';
import { checkTruncation } from '../truncation/window.js';

interface Parameters {
  /** Bits to drop. */
  readonly f: number;
  /** Window l. */
  readonly l: number;
  readonly tree: TreeShape;
}

interface Fields {
  readonly layout: Layout;
  readonly plan: TreePlan;
  readonly r: Field;
  readonly t0: Field;
  readonly t1: Field;
  readonly tree: TreeFields;
  readonly bit: BitFields;
}

/** floor(x / 2^f). |x| < 2^(window - 2), 1 <= f <= window - 3. */
export function truncateExact(
  session: Session,
  x: Share,
  f: number,
  {
    window: l = session.config.window,
    tree = treeFor(session.config.tree, x.size, f),
  }: { window?: number; tree?: TreeShape } = {},
): Share {
  checkTruncation({ f, l });
  return exact.run(session, { inputs: [x], shape: x.shape, parameters: { f, l, tree }, argument: undefined });
}

export const exact = defineProtocol<Parameters, Fields>({
  kind: 'truncate-exact',
  elementwise: true,
  parameters(request) {
    const l = request.window();
    const f = request.whole('f', 1, l - 3);
    return { f, l, tree: readTree(request, f) };
  },
  fields: oncePerPlan(
    ({ f, tree }) => planTree(f, tree),
    () => '',
    (_, plan) => {
      const layout = new Layout();
      return {
        layout,
        plan,
        r: layout.freeWords('r'),
        t0: layout.words('T0'),
        t1: layout.words('T1'),
        tree: treeFields(layout, plan),
        bit: bitFields(layout),
      };
    },
  ),
  rounds: (_, { plan }) => 2 + plan.levels.length,
  opens: ({ l }, { plan }) => [{ bits: l }, ...treeOpenings(plan), { planes: 1 }],
  async party(op, { inputs: [share], out, parameters: { f, l }, fields: own }) {
    const offset = 1n << BigInt(l - 2);
    const of = (w: Words, { start, length }: { start: number; length: number }) =>
      w.subarray(start, start + length);
    const c = await op.openWords('c', l, (block, t) => {
      op.share(own.r, t, block);
      op.ring.add(t, t, of(share, block));
      if (op.first) op.ring.addScalar(t, t, offset);
    });
    const less = await compareWithMask(op, own.plan, own.tree, (block, planes) =>
      op.ring.toPlanes(planes, of(c, block), block.length, 0, f),
    );
    const e = await openBit(op, own.bit, less);
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const y = op.scratch.words(block.length);
      const T0 = op.scratch.words(block.length);
      const T1 = op.scratch.words(block.length);
      op.share(own.t0, T0, block);
      op.share(own.t1, T1, block);
      op.ring.truncCombine(y, of(c, block), T0, T1, l, f, op.first);
      bitShare(op, own.bit, e, block, T0);
      op.ring.sub(of(out, block), y, T0);
      op.scratch.release(mark);
    }
    op.pool.give(c);
    op.pool.give(e);
  },
  dealer(op, { f, l }, own) {
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const r = op.scratch.words(block.length);
      const planes = op.scratch.words(f * planeWords(block.length));
      op.free(own.r, r, block);
      op.ring.toPlanes(planes, r, block.length, 0, f);
      dealLeaves(op, own.plan, own.tree, planes, block);
      dealLevels(op, own.plan, own.tree, block);
      dealBit(op, own.bit, block);
      const [T0, T1] = maskedFloors(op, r, l, f);
      op.deal(own.t0, T0, block);
      op.deal(own.t1, T1, block);
      op.scratch.release(mark);
    }
  },
  examples: {
    'exact floor': (s, { x, drop }) => truncateExact(s, x, drop.f, { window: drop.l }),
  },
});
