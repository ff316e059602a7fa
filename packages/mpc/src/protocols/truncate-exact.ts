/**
 * Exact floor(x / 2^f): truncation as in truncate.ts gives floor + u with u = [c mod 2^f < r mod 2^f], and u is the
 * result of a comparison of f-bit numbers, subtracted as a shared bit.
 *
 * Exact for |x| < 2^(l-2). Rounds 2 + levels of an f-bit tree (f = 16: 3); bytes an element, l = 64, f = 16:
 * 8 + 6 bits + 1 bit = 8.9 (BT-4); dealer 24 bytes beside the tree. Used where config.truncation is 'exact'.
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
import { maskedFloors } from '../truncation/msb-correction.js';
import { checkTruncation } from '../truncation/parameters.js';

interface Parameters extends Comparison {
  /** Bits to drop. */
  readonly f: number;
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

/** floor(x / 2^f). |x| < 2^(window - 2). @throws RangeError unless 1 <= f <= window - 3 */
export function truncateExact(session: Session, x: Share, f: number, options: ComparisonOptions = {}): Share {
  const comparison = comparisonOf(session, x.size, options, () => f);
  checkTruncation({ f, l: comparison.l });
  return truncateExactProtocol.runOn(session, x, { f, ...comparison });
}

export const truncateExactProtocol = defineProtocol<Parameters, Fields>({
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
    const c = await openMaskedInput(op, own.r, l, share, 1n << BigInt(l - 2));
    const less = await compareWithMask(op, own.plan, own.tree, (block, planes) =>
      differencePlanes(op, c, 0n, block, planes, 0, f),
    );
    const e = await openBit(op, own.bit, less);
    op.eachBlock((block) => {
      const y = op.scratch.words(block.length);
      const T0 = op.shareInScratch(own.t0, block);
      const T1 = op.shareInScratch(own.t1, block);
      op.ring.truncCombine(y, blockOf(c, block), T0, T1, l, f, op.first);
      bitShare(op, own.bit, e, block, T0);
      op.ring.sub(blockOf(out, block), y, T0);
    });
    op.pool.give(c);
    op.pool.give(e);
  },
  dealer(op, { f, l }, own) {
    op.eachBlock((block) => {
      const r = op.freeInScratch(own.r, block);
      dealTree(op, own.plan, own.tree, r, block);
      dealBit(op, own.bit, block);
      const [T0, T1] = maskedFloors(op, r, l, f);
      op.deal(own.t0, T0, block);
      op.deal(own.t1, T1, block);
    });
  },
  examples: {
    'exact floor': (s, { x, drop }) => truncateExact(s, x, drop.f, { window: drop.l }),
  },
});
