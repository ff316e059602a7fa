/**
 * Where the maximum is: pairs of neighbours as in max.ts, with the index selected by the bit that is opened for the
 * ReLU anyway. For d = x - y, b = [d >= 0], v the difference of their indices:
 *
 *     b d as in relu.ts;     b v = V [b] + e [a] + (1 - 2e) [beta a],  V = v - a opened beside e, a free, [beta a] dealt
 *
 * In the first level v = -1 is public and nothing more is opened. Ties: the lowest index. Exact for |x| < 2^(window-2).
 *
 * Rounds as max.ts: ceil(log2 k) times those of a ReLU. Bytes: a ReLU's, and 8 for each selection from the second level
 * on; dealer 16 beside a ReLU's (8 in the first level).
 */
import { sizeOf, type Words } from '@tacit/ring';
import { extremeShape } from '../checks.js';
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
import type { Extreme } from '../engine.js';
import { blockOf, type Field, Layout } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { maskedFloors } from '../truncation/msb-correction.js';
import { mapLocal } from './local-maps.js';

interface Parameters extends Comparison {
  /** Whether the index differences are public. */
  readonly first: boolean;
}

interface Fields {
  readonly layout: Layout;
  readonly sign: SignFields;
  /** T_0, T_1, beta T_0, beta T_1 of relu.ts. */
  readonly floors: readonly [Field, Field, Field, Field];
  /** a and beta a; absent in the first level. */
  readonly index: { readonly mask: Field; readonly product: Field } | undefined;
}

/** From [d, v] (two halves): [b d, b v], or [b d, b] in the first level, which gets d only. */
function selectLevel(
  session: Session,
  x: Share,
  n: number,
  first: boolean,
  options: ComparisonOptions,
): Share {
  const parameters = { first, ...comparisonOf(session, n, options) };
  return argMaxLevelProtocol.run(session, { inputs: [x], shape: [2, n], n, parameters });
}

export const argMaxLevelProtocol = defineProtocol<Parameters, Fields>({
  ...signDefinition,
  kind: 'arg-level',
  elementwise: false,
  output: 'overwritten',
  parameters(request) {
    const l = request.window();
    return { first: request.flag('first'), l, tree: readTree(request, l - 1) };
  },
  fields: oncePerPlan(
    ({ l, tree }) => signPlan(l, tree),
    ({ first }) => `${first}`,
    ({ first }, plan) => {
      const layout = new Layout();
      return {
        layout,
        sign: signFields(layout, plan),
        floors: [layout.words('T0'), layout.words('T1'), layout.words('beta T0'), layout.words('beta T1')],
        index: first ? undefined : { mask: layout.freeWords('a'), product: layout.words('beta a') },
      };
    },
  ),
  opens: (parameters, own) => [
    ...signDefinition.opens(parameters, own),
    ...(own.index ? [{ bits: 64 }] : []),
  ],
  async party(op, { inputs: [share], out, parameters: { l }, fields: own }) {
    const { n } = op;
    const { index } = own;
    // The index differences are opened in the first round: nothing of them depends on the sign.
    const opening =
      index &&
      op.openWords('v', 64, (block, t) => {
        op.share(index.mask, t, block);
        op.ring.sub(t, blockOf(share.subarray(n), block), t);
      });
    opening?.catch(() => {}); // awaited below
    const { c, e } = await openSign(op, own.sign, l, share.subarray(0, n));
    const V = await opening;
    op.eachBlock((block) => {
      const load = (field: Field): Words => op.shareInScratch(field, block);
      const beta = load(own.sign.betaWord);
      const [T0, T1, bT0, bT1] = own.floors.map(load);
      const plane = signPlane(op, e, block);
      const product = blockOf(out, block);
      op.ring.reluCombine(product, blockOf(c, block), plane, beta, T0, T1, bT0, bT1, l, 0, op.first);
      const selected = blockOf(out.subarray(n), block);
      if (index && V) {
        const [a, ba] = [load(index.mask), load(index.product)];
        op.ring.selectCombine(selected, blockOf(V, block), plane, beta, a, ba, op.first);
      } else op.ring.bitCombine(selected, plane, beta, op.first);
    });
    op.pool.give(c);
    op.pool.give(e);
    if (V) op.pool.give(V);
  },
  dealer(op, { l }, own) {
    op.eachBlock((block) => {
      const r = op.freeInScratch(own.sign.r, block);
      const beta = dealSign(op, own.sign, r, block);
      const t = op.scratch.words(block.length);
      const dealProduct = (field: Field, v: Words) => {
        op.ring.mul(t, beta, v);
        op.deal(field, t, block);
      };
      const [T0, T1] = maskedFloors(op, r, l, 0);
      dealProduct(own.floors[2], T0);
      dealProduct(own.floors[3], T1);
      op.deal(own.floors[0], T0, block);
      op.deal(own.floors[1], T1, block);
      if (own.index) {
        op.free(own.index.mask, r, block);
        dealProduct(own.index.product, r);
      }
      op.deal(own.sign.betaWord, beta, block);
    });
  },
  examples: {
    'index of the largest of 4': (s, { x }) =>
      argExtremeOfFirstAxis(s, 'max', x.reshaped([4, x.size / 4])).index,
  },
});

/**
 * Index (at scale 0) of the largest (smallest) of x[0], x[1], ... of a tensor of shape [k, ...rest]: shape [...rest];
 * with `value` that number, too, which costs nothing. Ties: the lowest index. Keeps x.
 */
export function argExtremeOfFirstAxis(
  session: Session,
  extreme: Extreme,
  x: Share,
  options: ComparisonOptions & { readonly value?: boolean } = {},
): { readonly index: Share; readonly value?: Share } {
  const rest = extremeShape(extreme, x.shape);
  const [k] = x.shape;
  // The state is [values, indices], each of rows * width; in the first level the values alone.
  let state = mapLocal(session, `arg-${extreme}`, [x], [x.size], (op, [a], out) => {
    if (extreme === 'max') out.set(a);
    else op.ring.neg(out, a);
  });
  const width = sizeOf(rest);
  /** The best value so far. */
  const extremeOf = (from: Share) =>
    mapLocal(session, `${extreme}-value`, [from], rest, (op, [a], out) => {
      if (extreme === 'max') out.set(a.subarray(0, width));
      else op.ring.neg(out, a.subarray(0, width));
    });
  if (k === 1) {
    const value = options.value ? extremeOf(state) : undefined;
    state.dispose();
    return { index: mapLocal(session, 'first-index', [], rest, () => {}), value };
  }
  for (let rows = k; rows > 1; rows -= Math.floor(rows / 2)) {
    const level: Level = { rows, width, pairs: Math.floor(rows / 2), first: rows === k };
    const from = state;
    const n = level.pairs * width;
    const difference = mapLocal(
      session,
      'arg-difference',
      [from],
      [level.first ? n : 2 * n],
      (op, [a], out) => differences(op, level, a, out),
    );
    const selected = selectLevel(session, difference, n, level.first, options);
    const shape = [2 * (rows - level.pairs) * width];
    state = mapLocal(
      session,
      'arg-merge',
      [from, selected],
      shape,
      (op, [a, s], out) => merged(op, level, a, s, out),
      {
        rows,
      },
    );
    difference.dispose();
    selected.dispose();
    from.dispose();
  }
  const last = state;
  const index = mapLocal(session, 'arg-index', [last], rest, (_, [a], out) =>
    out.set(a.subarray(width, 2 * width)),
  );
  const value = options.value ? extremeOf(last) : undefined;
  last.dispose();
  return { index, value };
}

/** One round of pairs. The state is rows * width values, then as many indices unless it is the first. */
interface Level {
  readonly rows: number;
  readonly width: number;
  readonly pairs: number;
  readonly first: boolean;
}

/** Every second row of rows * width words, from row `parity` on. */
function everySecondRow(op: PartyOp, { pairs, width }: Level, out: Words, a: Words, parity: number): void {
  op.ring.gather(out, a, [pairs, width], [2 * width, 1], parity * width);
}

/** Row 2p minus row 2p + 1, of values and of indices. */
function differences(op: PartyOp, level: Level, a: Words, out: Words): void {
  const n = level.pairs * level.width;
  const odd = op.pool.take(n);
  for (let half = 0; half * n < op.n; half++) {
    const rows = a.subarray(half * level.rows * level.width);
    const target = out.subarray(half * n, (half + 1) * n);
    everySecondRow(op, level, target, rows, 0);
    everySecondRow(op, level, odd, rows, 1);
    op.ring.sub(target, target, odd);
  }
  op.pool.give(odd);
}

/** The next state from [b d, b v] (in the first level [b d, b], as v = -1): the second of the pair plus that. */
function merged(op: PartyOp, level: Level, a: Words, selected: Words, out: Words): void {
  const { rows, width, pairs, first } = level;
  const n = pairs * width;
  const left = rows - pairs;
  const indices = out.subarray(left * width);
  const [d, v] = [selected.subarray(0, n), selected.subarray(n, 2 * n)];
  const values = out.subarray(0, n);
  everySecondRow(op, level, values, a, 1);
  op.ring.add(values, values, d);
  const chosen = indices.subarray(0, n);
  if (!first) {
    everySecondRow(op, level, chosen, a.subarray(rows * width), 1);
    op.ring.add(chosen, chosen, v);
  } else {
    for (let p = 0; p < pairs; p++)
      op.ring.fill(chosen.subarray(p * width, (p + 1) * width), op.first ? BigInt(2 * p + 1) : 0n);
    op.ring.sub(chosen, chosen, v);
  }
  if (rows % 2 === 1) {
    // The last row has no partner.
    const at = (rows - 1) * width;
    out.set(a.subarray(at, at + width), n);
    if (first) op.ring.fill(indices.subarray(n), op.first ? BigInt(rows - 1) : 0n);
    else indices.set(a.subarray(rows * width + at, rows * width + at + width), n);
  }
}
