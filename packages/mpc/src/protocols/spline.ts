/**
 * The spline gate: a piecewise polynomial of a secret number, exact mod 2^64.
 *
 *     open c = x + r mod 2^l
 *     b_j = [x >= theta_j] by the tree on c - theta_j, opened as e_j = b_j ^ beta_j
 *     x = P + T, P public, T a mask:  l = 64, drop = 0: P = c, T = -r
 *                                     else: x >> drop as in truncate.ts, opened as P = (x >> drop) - a beside the tree
 *     p(P + T) = sum_i Q_i(P) T^i                                       (Taylor coefficients, public)
 *     y = A(x) + sum_j b_j D_j(x),  [b_j T^i] = e_j [T^i] + (1 - 2 e_j) [beta_j T^i]
 *
 * A is the first piece, D_j what changes at theta_j. All thresholds share the opening c and the leaf tables; node masks
 * and beta are their own. Dealt: [T^i], i = 2..d, and [beta_j T^i], i = 0..d.
 *
 * The sum telescopes in the integers, so a piece is computed with its own coefficients only, whatever the size of x: a
 * constant outer piece is exact for every x of the window. With drop > 0 the polynomials see floor(x / 2^drop) or one
 * more, the thresholds see x itself.
 *
 * Domain |x| < 2^(l-2). Rounds 2 + levels of the tree. Bytes an element, S thresholds, l = 64, BT-4: 8 + 4.25 S, and 8
 * for P where it is opened; dealer 8 ((1 + d) S + d - 1) beside the trees, 16 more for the truncation.
 */
import type { Words } from '@tacit/ring';
import { checkPiecewise } from '../checks.js';
import {
  compareWithMask,
  dealTree,
  type TreeFields,
  treeFields,
  treeOpenings,
} from '../compare/compare-with-mask.js';
import { differencePlanes, openMaskedInput } from '../compare/masked-input.js';
import { signPlan, signRounds } from '../compare/sign.js';
import {
  type Comparison,
  type ComparisonOptions,
  comparisonOf,
  readTree,
} from '../compare/tree-parameter.js';
import type { DealerOp } from '../definition/dealer-op.js';
import { oncePerPlan } from '../definition/fields-cache.js';
import { defineProtocol } from '../definition/protocol.js';
import { type Block, blockOf, type Field, Layout, planeWords } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { addProduct, addTerm, taylor } from '../spline/polynomial.js';
import { Piecewise } from '../spline/table.js';
import type { TreePlan } from '../trees/tree-plan.js';
import { maskedFloors } from '../truncation/msb-correction.js';

interface Parameters extends Comparison {
  readonly name: string;
  /** Fingerprint of thresholds and coefficients: the dealer needs neither, the parties must agree. */
  readonly table: string;
  readonly thresholds: number;
  readonly degree: number;
  readonly drop: number;
}

interface Fields {
  readonly layout: Layout;
  readonly plan: TreePlan;
  readonly r: Field;
  readonly tree: TreeFields;
  readonly top: Field;
  readonly beta: Field;
  /** The mask of P and the floors of r; absent where P = c or there are no powers. */
  readonly extension: { readonly mask: Field; readonly t0: Field; readonly t1: Field } | undefined;
  /** T^i for i = 2..d. */
  readonly powers: readonly Field[];
  /** beta_j T^i for i = 0..d. */
  readonly products: readonly (readonly Field[])[];
}

/** What one operation can have; scratch memory holds the products of a block. */
const MAX_THRESHOLDS = 256;
const MAX_DEGREE = 16;
/** Characters of a name or fingerprint. */
const MAX_NAME = 128;

function makeFields({ thresholds, degree, drop, l }: Parameters, plan: TreePlan): Fields {
  const layout = new Layout();
  const whole = degree === 0 || (l === 64 && drop === 0);
  return {
    layout,
    plan,
    r: layout.freeWords('r'),
    tree: treeFields(layout, plan, thresholds),
    top: layout.planes('r_t', 1),
    beta: layout.freePlanes('beta', thresholds),
    extension: whole
      ? undefined
      : { mask: layout.freeWords('a'), t0: layout.words('T0'), t1: layout.words('T1') },
    powers: Array.from({ length: Math.max(0, degree - 1) }, (_, i) => layout.words(`T^${i + 2}`)),
    products: Array.from({ length: thresholds }, (_, j) =>
      Array.from({ length: degree + 1 }, (_, i) => layout.words(`beta ${j} T^${i}`)),
    ),
  };
}

/**
 * f(x), exact mod 2^64 (with f.drop > 0: of x >> drop or one more). |x| < 2^(window - 2).
 * @throws RangeError where thresholds, degree or dropped bits are beyond the window or the limits
 */
export function piecewise(session: Session, x: Share, f: Piecewise, options: ComparisonOptions = {}): Share {
  const comparison = comparisonOf(session, x.size, options);
  const { name, degree, drop, fingerprint: table } = f;
  checkPiecewise(f, comparison.l);
  const thresholds = f.thresholds.length;
  if (thresholds < 1 || thresholds > MAX_THRESHOLDS || degree > MAX_DEGREE)
    throw new RangeError(
      `${name}: ${thresholds} thresholds and degree ${degree}; there can be 1 to ${MAX_THRESHOLDS}, and ${MAX_DEGREE}`,
    );
  return splineProtocol.runOn(session, x, { name, table, thresholds, degree, drop, ...comparison }, f);
}

export const splineProtocol = defineProtocol<Parameters, Fields, Piecewise>({
  kind: 'spline',
  elementwise: true,
  parameters(request) {
    const l = request.window();
    return {
      name: request.text('name', MAX_NAME),
      table: request.text('table', MAX_NAME),
      thresholds: request.whole('thresholds', 1, MAX_THRESHOLDS),
      degree: request.whole('degree', 0, MAX_DEGREE),
      drop: request.whole('drop', 0, l - 3),
      l,
      tree: readTree(request, l - 1),
    };
  },
  fields: oncePerPlan(
    ({ l, tree }) => signPlan(l, tree),
    ({ thresholds, degree, drop }) => `${thresholds}/${degree}/${drop > 0}`,
    makeFields,
  ),
  rounds: (_, { plan, extension }) => signRounds(plan) + (extension && plan.levels.length === 0 ? 1 : 0),
  opens: ({ l, thresholds }, { plan, extension }) => [
    { bits: l },
    ...treeOpenings(plan, thresholds),
    ...(extension ? [{ bits: 64 }] : []),
    { planes: thresholds },
  ],
  async party(
    op,
    { inputs: [share], out, parameters: { thresholds: count, drop, l }, fields: own, argument: f },
  ) {
    const offset = own.extension ? 1n << BigInt(l - 2) : 0n;
    const c = await openMaskedInput(op, own.r, l, share, offset);
    await op.dealt();
    const thresholds = f.thresholds.map((threshold) => offset + threshold);
    const comparing = compareWithMask(op, own.plan, own.tree, (block, planes, j) =>
      differencePlanes(op, c, thresholds[j], block, planes, 0, l - 1),
    );
    // In the same round as the tree's first level, which must have been started for that.
    const extended = own.extension && openExtended(op, own.extension, c, l, drop);
    extended?.catch(() => {}); // awaited below
    const less = await comparing;
    if (own.plan.levels.length === 0) await extended; // there is no level to share a round with
    const e = await op.openPlanes('e', count, (block, planes) => {
      const mark = op.scratch.mark();
      const stride = planeWords(block.length);
      const top = op.shareInScratch(own.top, block);
      const beta = op.shareInScratch(own.beta, block);
      less(block, planes);
      op.ring.xor(planes, planes, beta);
      for (let j = 0; j < count; j++) {
        const plane = planes.subarray(j * stride, (j + 1) * stride);
        op.ring.xor(plane, plane, top);
        if (!op.first) continue;
        differencePlanes(op, c, thresholds[j], block, beta.subarray(0, stride), l - 1, 1);
        op.ring.xor(plane, plane, beta.subarray(0, stride));
        op.ring.not(plane, plane);
      }
      op.scratch.release(mark);
    });
    const P = extended ? await extended : c;
    op.eachBlock((block) => combine(op, own, f, blockOf(P, block), e, block, blockOf(out, block)));
    if (P !== c) op.pool.give(P);
    op.pool.give(c);
    op.pool.give(e);
  },
  dealer(op, { drop, l }, own) {
    op.eachBlock((block) => dealBlock(op, own, drop, l, block));
  },
  examples: {
    'clip, two bounds': (s, { x }) =>
      piecewise(s, x, new Piecewise('clip', [-5n, 9n], [[-5n], [0n, 1n], [9n]], 0)),
    'clip of a product, truncated': (s, { x, drop: { f, l } }) => {
      const bound = 2n << BigInt(f);
      return piecewise(s, x, new Piecewise('clip', [-bound, bound], [[-2n], [0n, 1n], [2n]], f), {
        window: l,
      });
    },
  },
});

/** Opens x >> drop, masked anew in the full ring. One round, beside the tree's. */
const openExtended = (
  op: PartyOp,
  own: NonNullable<Fields['extension']>,
  c: Words,
  l: number,
  drop: number,
): Promise<Words> =>
  op.openWords('p', 64, (block, t) => {
    const mark = op.scratch.mark();
    const T0 = op.shareInScratch(own.t0, block);
    const T1 = op.shareInScratch(own.t1, block);
    op.ring.truncCombine(t, blockOf(c, block), T0, T1, l, drop, op.first);
    op.share(own.mask, T0, block);
    op.ring.sub(t, t, T0);
    op.scratch.release(mark);
  });

/** This party's share of y for a block. */
function combine(
  op: PartyOp,
  own: Fields,
  f: Piecewise,
  opened: Words,
  e: Words,
  block: Block,
  out: Words,
): void {
  const { ring } = op;
  const n = block.length;
  const room = () => op.scratch.words(n);
  const load = (field: Field): Words => op.shareInScratch(field, block);

  const P = room();
  P.set(opened);
  const powers: Words[] = [];
  if (f.degree > 0) {
    const T = load(own.extension ? own.extension.mask : own.r);
    if (!own.extension) ring.neg(T, T);
    powers.push(T, ...own.powers.map(load));
  }

  const y = room();
  ring.fill(y, 0n);
  taylor(ring, f.pieces[0], P).forEach((Q, i) => {
    if (i > 0) addProduct(ring, y, Q, powers[i - 1]);
    else if (op.first) addTerm(ring, y, Q);
  });

  const stride = planeWords(n);
  const planes = e.subarray((block.start / 64) * own.products.length);
  const plane = op.scratch.words(stride);
  const opposite = room(); // all ones where e_j = 1
  f.steps.forEach((coefficients, j) => {
    const inner = op.scratch.mark();
    const Q = taylor(ring, coefficients, P);
    // D_j(x) itself, and beta_j D_j(x).
    const value = room();
    const product = room();
    ring.fill(value, 0n);
    ring.fill(product, 0n);
    if (op.first) addTerm(ring, value, Q[0]);
    const share = room();
    Q.forEach((term, i) => {
      if (i > 0) addProduct(ring, value, term, powers[i - 1]);
      op.share(own.products[j][i], share, block);
      addProduct(ring, product, term, share);
    });
    // e_j = 0: product; e_j = 1: value - product.
    plane.set(planes.subarray(j * stride, (j + 1) * stride));
    ring.fromPlanes(opposite, plane, n, 0, 1);
    ring.neg(opposite, opposite);
    ring.sub(value, value, product);
    ring.sub(value, value, product);
    ring.and(value, value, opposite);
    ring.add(y, y, product);
    ring.add(y, y, value);
    op.scratch.release(inner);
  });
  out.set(y);
}

function dealBlock(op: DealerOp, own: Fields, drop: number, l: number, block: Block): void {
  const { ring } = op;
  const n = block.length;
  const stride = planeWords(n);
  const r = op.freeInScratch(own.r, block);
  dealTree(op, own.plan, own.tree, r, block, { top: own.top });

  const degree = own.products[0].length - 1;
  const powers = maskPowers(op, own, r, degree, drop, l, block);
  const t = op.scratch.words(n);
  own.powers.forEach((field, i) => {
    t.set(powers[i + 1]);
    op.deal(field, t, block);
  });
  const beta = op.freeInScratch(own.beta, block);
  const bit = op.scratch.words(n);
  own.products.forEach((products, j) => {
    ring.fromPlanes(bit, beta.subarray(j * stride, (j + 1) * stride), n, 0, 1);
    t.set(bit);
    op.deal(products[0], t, block);
    ring.neg(bit, bit); // all ones where beta_j = 1
    powers.forEach((power, i) => {
      ring.and(t, power, bit);
      op.deal(products[i + 1], t, block);
    });
  });
}

/** T, T^2, ... of the masks r of a block (destroyed), in scratch; deals the floors of r where they are needed. */
function maskPowers(
  op: DealerOp,
  own: Fields,
  r: Words,
  degree: number,
  drop: number,
  l: number,
  block: Block,
): Words[] {
  const { ring } = op;
  if (degree === 0) return [];
  let T = r;
  if (own.extension) {
    const [T0, T1] = maskedFloors(op, r, l, drop);
    op.deal(own.extension.t0, T0, block);
    op.deal(own.extension.t1, T1, block);
    T = op.freeInScratch(own.extension.mask, block);
  } else ring.neg(r, r);
  const powers = [T];
  while (powers.length < degree) {
    const next = op.scratch.words(r.length);
    ring.mul(next, powers[powers.length - 1], T);
    powers.push(next);
  }
  return powers;
}
