/**
 * The spline gate (PROTOCOLS section 5.1): a piecewise polynomial of a secret number, exact mod 2^64.
 *
 *     open c = x + off + r mod 2^l;  x >> drop = P + T_s, P = (c' >> drop) - (off >> drop) public, s = c_t
 *     b_j = [x >= theta_j] by the tree on c - off - theta_j, opened as e_j = b_j ^ beta_j
 *     p(P + T) = sum_i Q_i(P) T^i                                       (Taylor coefficients, public)
 *     y = A(x) + sum_j b_j D_j(x),  [b_j T^i] = e_j [T^i] + (1 - 2 e_j) [beta_j T^i]
 *
 * A is the first piece, D_j what changes at theta_j. All thresholds share the opening c and the leaf tables; node masks
 * and beta are their own. Dealt: [T_s^i], [beta_j T_s^i] for i = 0..d, s = 0, 1, the latter as [.._0] and the difference
 * of the two. For l = 64 and drop = 0, x = c - r: T = -r is free and there is no s.
 *
 * The sum telescopes in the integers, so a piece is computed with its own coefficients only, whatever the size of x: a
 * constant outer piece is exact for every x of the window. With drop > 0 the polynomials see x >> drop or one more
 * (truncate.ts), the thresholds see x itself.
 *
 * Domain |x| < 2^(l-2). Rounds 2 + levels of the tree. Bytes an element, S thresholds, l = 64: 8 + S (tree + 1 bit):
 * BT-4 8 + 4.25 S; dealer 8 (1 + d) S, or 8 (1 + 2d) S with drop, beside the trees.
 */
import type { Words } from '@tacit/ring';
import { LayoutCache } from '../compare/layout-cache.js';
import { compareWithMask, dealLeaves, dealLevels, type TreeFields, treeFields } from '../compare/machine.js';
import { signPlan, signRounds } from '../compare/sign.js';
import type { TreePlan, TreeShape } from '../compare/tree.js';
import type { DealerOp } from '../dealer/dealer-op.js';
import type { DealerHalf } from '../dealer/half.js';
import { type Block, type Field, Layout, planeWords } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';
import { addProduct, addTerm, taylor } from '../spline/polynomial.js';
import type { Piecewise } from '../spline/table.js';
import { maskedFloors } from './masked-floors.js';

interface SplineDescriptor extends Descriptor {
  readonly kind: 'spline';
  readonly shape: readonly number[];
  readonly name: string;
  /** Fingerprint of thresholds and coefficients: the dealer needs neither, the parties must agree. */
  readonly table: string;
  readonly thresholds: number;
  readonly degree: number;
  readonly drop: number;
  readonly l: number;
  readonly tree: TreeShape;
}

/** A value that depends on s: its share for s = 0, and that of the difference; no difference where there is no s. */
interface Selected {
  readonly zero: Field;
  readonly step: Field | undefined;
}

interface SplineFields {
  readonly layout: Layout;
  readonly plan: TreePlan;
  /** Whether x = c - r in the ring itself. */
  readonly whole: boolean;
  readonly r: Field;
  readonly tree: TreeFields;
  readonly top: Field;
  readonly beta: Field;
  /** T^i for i = 1..d; the first is absent where T = -r. */
  readonly powers: readonly (Selected | undefined)[];
  readonly thresholds: readonly { readonly bit: Field; readonly products: readonly Selected[] }[];
}

const known = new LayoutCache<SplineFields>();

const fields = (count: number, degree: number, drop: number, l: number, tree: TreeShape): SplineFields =>
  known.get(`${count}/${degree}/${drop > 0}`, signPlan(l, tree), (plan) => {
    const layout = new Layout();
    const whole = degree === 0 || (l === 64 && drop === 0);
    const selected = (name: string): Selected => ({
      zero: layout.words(name),
      step: whole ? undefined : layout.words(`${name} step`),
    });
    const exponents = Array.from({ length: degree }, (_, i) => i + 1);
    return {
      layout,
      plan,
      whole,
      r: layout.freeWords('r'),
      tree: treeFields(layout, plan, count),
      top: layout.planes('r_t', 1),
      beta: layout.freePlanes('beta', count),
      powers: exponents.map((i) => (whole && i === 1 ? undefined : selected(`T^${i}`))),
      thresholds: Array.from({ length: count }, (_, j) => ({
        bit: layout.words(`beta ${j}`),
        products: exponents.map((i) => selected(`beta ${j} T^${i}`)),
      })),
    };
  });

export interface SplineOptions {
  /** Window l: |x| < 2^(l-2). Default the session's. */
  readonly window?: number;
  readonly tree?: TreeShape;
}

/** f(x), exact mod 2^64 (with f.drop > 0: of x >> drop or one more). */
export function piecewise(session: Session, x: Share, f: Piecewise, options: SplineOptions = {}): Share {
  const { window: l = session.config.window, tree = session.config.tree } = options;
  const { degree, drop } = f;
  if (drop < 0 || drop > l - 3) throw new RangeError(`cannot drop ${drop} bits in a window of ${l}`);
  const bound = 1n << BigInt(l - 2);
  if (f.thresholds.some((t) => t > bound || t < -bound))
    throw new RangeError(`${f.name}: a threshold lies outside of the window of ${l} bits`);
  const count = f.thresholds.length;
  const own = fields(count, degree, drop, l, tree);
  const { shape, size: n } = x;
  const descriptor: SplineDescriptor = {
    kind: 'spline',
    n,
    shape,
    name: f.name,
    table: f.fingerprint,
    thresholds: count,
    degree,
    drop,
    l,
    tree,
  };
  const spec = { descriptor, inputs: [x], shape, rounds: signRounds(own.plan), layout: own.layout };
  const offset = own.whole ? 0n : bound;
  return session.issueElementwise(spec, async (op, [share], out) => {
    const of = (w: Words, block: Block) => w.subarray(block.start, block.start + block.length);
    const c = await op.openWords('c', l, (block, t) => {
      op.share(own.r, t, block);
      op.ring.add(t, t, of(share, block));
      if (op.first && offset !== 0n) op.ring.addScalar(t, t, offset);
    });
    /** Bits of c - off - theta_j as planes. */
    const differencePlanes = (block: Block, planes: Words, j: number, from: number, bits: number): void => {
      const mark = op.scratch.mark();
      const t = op.scratch.words(block.length);
      op.ring.subScalar(t, of(c, block), offset + f.thresholds[j]);
      op.ring.toPlanes(planes, t, block.length, from, bits);
      op.scratch.release(mark);
    };
    const less = await compareWithMask(op, own.plan, own.tree, (block, planes, j) =>
      differencePlanes(block, planes, j, 0, l - 1),
    );
    const e = await op.openPlanes('e', count, (block, planes) => {
      const mark = op.scratch.mark();
      const stride = planeWords(block.length);
      const top = op.scratch.words(stride);
      const beta = op.scratch.words(count * stride);
      less(block, planes);
      op.share(own.beta, beta, block);
      op.ring.xor(planes, planes, beta);
      op.share(own.top, top, block);
      for (let j = 0; j < count; j++) {
        const plane = planes.subarray(j * stride, (j + 1) * stride);
        op.ring.xor(plane, plane, top);
        if (!op.first) continue;
        differencePlanes(block, beta.subarray(0, stride), j, l - 1, 1);
        op.ring.xor(plane, plane, beta.subarray(0, stride));
        op.ring.not(plane, plane);
      }
      op.scratch.release(mark);
    });
    for (const block of op.blocks()) combine(op, own, f, l, of(c, block), e, block, of(out, block));
    op.pool.give(c);
    op.pool.give(e);
  });
}

/** This party's share of y for a block. */
function combine(
  op: PartyOp,
  own: SplineFields,
  f: Piecewise,
  l: number,
  c: Words,
  e: Words,
  block: Block,
  out: Words,
): void {
  const { ring } = op;
  const n = block.length;
  const mark = op.scratch.mark();
  const room = () => op.scratch.words(n);
  const load = (field: Field): Words => {
    const w = room();
    op.share(field, w, block);
    return w;
  };

  const P = room();
  const bySign = room(); // all ones where s = 1
  if (own.whole) P.set(c);
  else {
    ring.maskLow(P, c, l - 1);
    ring.shrU(P, P, f.drop);
    ring.subScalar(P, P, 1n << BigInt(l - 2 - f.drop));
    ring.shl(bySign, c, 64 - l);
    ring.shrS(bySign, bySign, 63);
  }
  const powers = own.powers.map((field) => {
    if (!field) {
      const r = load(own.r);
      ring.neg(r, r);
      return r;
    }
    const T = load(field.zero);
    if (field.step) {
      const step = load(field.step);
      ring.and(step, step, bySign);
      ring.add(T, T, step);
    }
    return T;
  });

  const y = room();
  ring.fill(y, 0n);
  taylor(ring, f.pieces[0], P).forEach((Q, i) => {
    if (i > 0) addProduct(ring, y, Q, powers[i - 1]);
    else if (op.first) addTerm(ring, y, Q);
  });

  const stride = planeWords(n);
  const planes = e.subarray((block.start / 64) * own.thresholds.length);
  own.thresholds.forEach((threshold, j) => {
    const inner = op.scratch.mark();
    const Q = taylor(ring, f.steps[j], P);
    // D_j(x) itself, and beta_j D_j(x) for s = 0 and what s = 1 adds to it.
    const value = room();
    const product = room();
    const step = room();
    for (const w of [value, product, step]) ring.fill(w, 0n);
    if (op.first) addTerm(ring, value, Q[0]);
    addProduct(ring, product, Q[0], load(threshold.bit));
    for (let i = 1; i < Q.length; i++) {
      const { zero, step: difference } = threshold.products[i - 1];
      addProduct(ring, value, Q[i], powers[i - 1]);
      addProduct(ring, product, Q[i], load(zero));
      if (difference) addProduct(ring, step, Q[i], load(difference));
    }
    if (!own.whole) {
      ring.and(step, step, bySign);
      ring.add(product, product, step);
    }
    // e_j = 0: product; e_j = 1: value - product.
    const plane = op.scratch.words(stride);
    plane.set(planes.subarray(j * stride, (j + 1) * stride));
    ring.fromPlanes(step, plane, n, 0, 1);
    ring.neg(step, step);
    ring.sub(value, value, product);
    ring.sub(value, value, product);
    ring.and(value, value, step);
    ring.add(y, y, product);
    ring.add(y, y, value);
    op.scratch.release(inner);
  });
  out.set(y);
  op.scratch.release(mark);
}

export const splineDealer: DealerHalf<SplineDescriptor> = {
  kind: 'spline',
  elementwise: true,
  layout: ({ thresholds, degree, drop, l, tree }) => fields(thresholds, degree, drop, l, tree).layout,
  deal(op, { thresholds, degree, drop, l, tree }) {
    const own = fields(thresholds, degree, drop, l, tree);
    for (const block of op.blocks()) dealBlock(op, own, drop, l, block);
  },
};

function dealBlock(op: DealerOp, own: SplineFields, drop: number, l: number, block: Block): void {
  const { ring } = op;
  const n = block.length;
  const stride = planeWords(n);
  const mark = op.scratch.mark();
  const r = op.scratch.words(n);
  op.free(own.r, r, block);
  const planes = op.scratch.words(l * stride);
  ring.toPlanes(planes, r, n, 0, l);
  dealLeaves(op, own.plan, own.tree, planes, block);
  dealLevels(op, own.plan, own.tree, block);
  op.deal(own.top, planes.subarray((l - 1) * stride, l * stride), block);

  // T^i for s = 0 and its difference to s = 1.
  const powers = tablePowers(op, own, r, drop, l);
  const t = op.scratch.words(n);
  const deal = (field: Field | undefined, value: Words | undefined, mask?: Words) => {
    if (!field || !value) return;
    if (mask) ring.and(t, value, mask);
    else t.set(value);
    op.deal(field, t, block);
  };
  own.powers.forEach((field, i) => {
    deal(field?.zero, powers[i].zero);
    deal(field?.step, powers[i].step);
  });
  const beta = op.scratch.words(own.beta.planes * stride);
  op.free(own.beta, beta, block);
  const bit = op.scratch.words(n);
  own.thresholds.forEach((threshold, j) => {
    ring.fromPlanes(bit, beta.subarray(j * stride, (j + 1) * stride), n, 0, 1);
    deal(threshold.bit, bit);
    ring.neg(bit, bit); // all ones where beta_j = 1
    threshold.products.forEach((field, i) => {
      deal(field.zero, powers[i].zero, bit);
      deal(field.step, powers[i].step, bit);
    });
  });
  op.scratch.release(mark);
}

/** The powers of T_0 and what T_1 adds to each, from the masks r of a block (destroyed), in scratch. */
function tablePowers(
  op: DealerOp,
  own: SplineFields,
  r: Words,
  drop: number,
  l: number,
): { zero: Words; step: Words | undefined }[] {
  const { ring } = op;
  const room = () => op.scratch.words(r.length);
  if (own.powers.length === 0) return [];
  const bases = own.whole ? [r] : maskedFloors(op, r, l, drop);
  if (own.whole) ring.neg(r, r);
  const powers = bases.map((base) => {
    const list = [base];
    while (list.length < own.powers.length) {
      const next = room();
      ring.mul(next, list[list.length - 1], base);
      list.push(next);
    }
    return list;
  });
  const [zeros, ones] = powers;
  return zeros.map((zero, i) => {
    if (!ones) return { zero, step: undefined };
    ring.sub(ones[i], ones[i], zero);
    return { zero, step: ones[i] };
  });
}
