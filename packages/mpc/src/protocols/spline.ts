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
 * Where only some magnitudes matter, thresholds may look at the bits of x from `from` on and below l - 1 alone, while
 * polynomials see all of x, opened mod 2^64: then |x| < 2^(l-2), and an x up to 2^from below a threshold may count as on it.
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
import { combine, type GateFields } from '../spline/combine.js';
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
  /** Whether all of x is opened, whatever the window. */
  readonly full: boolean;
  /** The lowest bit that is compared. */
  readonly from: number;
}

/** How thresholds are compared. */
export interface GateOptions extends ComparisonOptions {
  /**
   * The lowest bit of x that thresholds look at. With it the window says how large x may be and which bits are compared,
   * and nothing of the polynomials, which may not drop bits.
   */
  readonly from?: number;
}

interface Fields extends GateFields {
  readonly layout: Layout;
  readonly plan: TreePlan;
  readonly from: number;
  /** Bits of x that are opened. */
  readonly opened: number;
  /** Absent without thresholds. */
  readonly comparison?: { readonly tree: TreeFields; readonly top: Field; readonly beta: Field };
  /** The mask of P and the floors of r; absent where P = c or there are no powers. */
  readonly extension: { readonly mask: Field; readonly t0: Field; readonly t1: Field } | undefined;
}

/** What one operation can have; scratch memory holds the products of a block. */
const MAX_THRESHOLDS = 256;
const MAX_DEGREE = 16;
/** Characters of a name or fingerprint. */
const MAX_NAME = 128;

function makeFields({ thresholds, degree, drop, l, full, from }: Parameters, plan: TreePlan): Fields {
  const layout = new Layout();
  const whole = full || degree === 0 || (l === 64 && drop === 0);
  return {
    layout,
    plan,
    from,
    opened: full ? 64 : l,
    r: layout.freeWords('r'),
    ...(thresholds > 0 && {
      comparison: {
        tree: treeFields(layout, plan, thresholds),
        top: layout.planes('r_t', 1),
        beta: layout.freePlanes('beta', thresholds),
      },
    }),
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
 * f(x), exact mod 2^64 (with f.drop > 0: of x >> drop or one more). |x| < 2^(window - 2). Without thresholds it is a
 * polynomial, in one round, or two where bits are dropped.
 * @throws RangeError where thresholds, degree or dropped bits are beyond the window or the limits
 */
export const piecewise = (session: Session, x: Share, f: Piecewise, options: GateOptions = {}): Share =>
  splineProtocol.runOn(session, x, parametersOf(session, x, f, options), [f]);

/**
 * As piecewise, for several functions with the same thresholds, in the rounds, bytes and randomness of the first: the
 * others are of no higher degree, and drop as many bits.
 * @throws RangeError also where they do not fit the first
 */
export function piecewiseAll(
  session: Session,
  x: Share,
  functions: readonly [Piecewise, ...Piecewise[]],
  options: GateOptions = {},
): Share[] {
  const [first, ...others] = functions;
  for (const f of others)
    if (f.degree > first.degree || f.drop !== first.drop || `${f.thresholds}` !== `${first.thresholds}`)
      throw new RangeError(`${f.name} does not have the thresholds and the degree of ${first.name}`);
  const call = { inputs: [x], shape: x.shape, parameters: parametersOf(session, x, first, options) };
  const { result, extra } = splineProtocol.runWith(session, others.map(nameOf), call, functions);
  return [result, ...extra];
}

const nameOf = ({ fingerprint }: Piecewise, i: number): string => `${i}/${fingerprint}`;

function parametersOf(session: Session, x: Share, f: Piecewise, options: GateOptions): Parameters {
  const { from = 0 } = options;
  const comparison = comparisonOf(session, x.size, options, (l) => l - 1 - from);
  const { name, degree, drop, fingerprint: table } = f;
  checkPiecewise(f, comparison.l);
  const full = options.from !== undefined;
  if (full && (drop > 0 || from < 0 || from > comparison.l - 2))
    throw new RangeError(`${name}: cannot compare from bit ${from} on and drop ${drop} bits`);
  const thresholds = f.thresholds.length;
  if (thresholds > MAX_THRESHOLDS || degree > MAX_DEGREE)
    throw new RangeError(
      `${name}: ${thresholds} thresholds and degree ${degree}; there can be at most ${MAX_THRESHOLDS}, and ${MAX_DEGREE}`,
    );
  return { name, table, thresholds, degree, drop, full, from, ...comparison };
}

export const splineProtocol = defineProtocol<Parameters, Fields, readonly Piecewise[]>({
  kind: 'spline',
  elementwise: true,
  parameters(request) {
    const l = request.window();
    const from = request.whole('from', 0, l - 2);
    return {
      name: request.text('name', MAX_NAME),
      table: request.text('table', MAX_NAME),
      thresholds: request.whole('thresholds', 0, MAX_THRESHOLDS),
      degree: request.whole('degree', 0, MAX_DEGREE),
      drop: request.whole('drop', 0, l - 3),
      full: request.flag('full'),
      from,
      l,
      tree: readTree(request, l - 1 - from),
    };
  },
  fields: oncePerPlan(
    ({ l, from, tree }) => signPlan(l - from, tree),
    ({ thresholds, degree, drop, l, full, from }) =>
      `${thresholds}/${degree}/${drop > 0}/${l}/${full}/${from}`,
    makeFields,
  ),
  rounds(_, { plan, comparison, extension }) {
    if (!comparison) return extension ? 2 : 1;
    return signRounds(plan) + (extension && plan.levels.length === 0 ? 1 : 0);
  },
  opens: ({ thresholds }, { plan, opened, comparison, extension }) => [
    { bits: opened },
    ...(comparison ? [...treeOpenings(plan, thresholds), { planes: thresholds }] : []),
    ...(extension ? [{ bits: 64 }] : []),
  ],
  async party(op, { inputs: [share], out, extra, parameters: { drop, l }, fields: own, argument }) {
    const [f, ...others] = argument;
    const offset = own.extension ? 1n << BigInt(l - 2) : 0n;
    const c = await openMaskedInput(op, own.r, own.opened, share, offset);
    await op.dealt();
    const thresholds = f.thresholds.map((threshold) => offset + threshold);
    const comparing = own.comparison && startComparing(op, own, own.comparison, l, c, thresholds);
    // In the same round as the tree's first level, which must have been started for that.
    const extended = own.extension && openExtended(op, own.extension, c, l, drop);
    extended?.catch(() => {}); // awaited below
    const e = await comparing?.(extended);
    const P = extended ? await extended : c;
    const results = [out, ...others.map((other, i) => extra[nameOf(other, i)])];
    op.eachBlock((block) => {
      combine(op, own, argument, blockOf(P, block), e, block, results);
    });
    if (P !== c) op.pool.give(P);
    op.pool.give(c);
    if (e) op.pool.give(e);
  },
  dealer(op, parameters, own) {
    op.eachBlock((block) => dealBlock(op, own, parameters, block));
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

/**
 * Starts to compare c with all thresholds. What it returns finishes that, and opens the bits under their masks, once the
 * opening that shares a round with the tree has been started.
 */
function startComparing(
  op: PartyOp,
  { plan, from }: Fields,
  fields: NonNullable<Fields['comparison']>,
  l: number,
  c: Words,
  thresholds: readonly bigint[],
): (beside: Promise<unknown> | undefined) => Promise<Words> {
  const comparing = compareWithMask(op, plan, fields.tree, (block, planes, j) =>
    differencePlanes(op, c, thresholds[j], block, planes, from, plan.bits),
  );
  comparing.catch(() => {}); // awaited below
  return async (beside) => {
    const less = await comparing;
    if (plan.levels.length === 0) await beside; // there is no level to share a round with
    return op.openPlanes('e', thresholds.length, (block, planes) => {
      const mark = op.scratch.mark();
      const stride = planeWords(block.length);
      const top = op.shareInScratch(fields.top, block);
      const beta = op.shareInScratch(fields.beta, block);
      less(block, planes);
      op.ring.xor(planes, planes, beta);
      thresholds.forEach((threshold, j) => {
        const plane = planes.subarray(j * stride, (j + 1) * stride);
        op.ring.xor(plane, plane, top);
        if (!op.first) return;
        differencePlanes(op, c, threshold, block, beta.subarray(0, stride), l - 1, 1);
        op.ring.xor(plane, plane, beta.subarray(0, stride));
        op.ring.not(plane, plane);
      });
      op.scratch.release(mark);
    });
  };
}

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

function dealBlock(op: DealerOp, own: Fields, { degree, drop, l }: Parameters, block: Block): void {
  const { ring } = op;
  const n = block.length;
  const stride = planeWords(n);
  const r = op.freeInScratch(own.r, block);
  if (own.comparison)
    dealTree(op, own.plan, own.comparison.tree, r, block, {
      from: own.from,
      top: own.comparison.top,
    });
  const powers = maskPowers(op, own, r, degree, drop, l, block);
  const t = op.scratch.words(n);
  own.powers.forEach((field, i) => {
    t.set(powers[i + 1]);
    op.deal(field, t, block);
  });
  const beta = own.comparison ? op.freeInScratch(own.comparison.beta, block) : r;
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
