/**
 * The exponential gate: exp(x) = 2^z, z = x log2(e), over the whole domain from one opening.
 *
 *     open c = 2^k x + r mod 2^64                          2^k x with as many fraction bits as a product
 *     K c - K r = z mod 2^64, K = round(2^17 log2(e))                        local; only z mod 32 will matter
 *     z + 19/16 = c' - r' mod 32         c' = c16 + 16 c_p, r' = r16 + 16 r_p: K c + 19/16 and K r, at 16 fraction bits
 *     w = [c16 < r16],  h = [x >= 10.25],  g = [x >= -11.75] ^ h by trees, opened as w ^ beta_w, h ^ beta_h, g ^ beta_g
 *     2^z = 2^(c16 - 19/16) 2^-r16 (c_p = r_p ? 1 : w ? 2^16 : 2^-16)
 *     y = g 2^z + h 2^15 at 46 fraction bits, truncated as in truncate.ts
 *
 * It is the idea of the sine gate (sine-sum.ts) with another function: an exponential of a difference is a public number
 * times one that the dealer knows. (Powers of shares instead of masks: Kelkar, Le, Raykova, Seth: "Secure Poisson
 * Regression", USENIX Security 2022.) Both are integers, of 14 and 30 fraction bits, so their products are exact mod 2^64,
 * and no power is above 2^61. Dealt: 2^-r16, its products with beta_g, beta_w and beta_g beta_w, all that times r_p and times
 * 1 - r_p; and beta_h mod 2^32, of which 2^15 at 46 bits leaves the last 3. g w 2^-r16 follows from those and the opened bits.
 *
 * Opened are c under r, nodes of the trees under lambda, the bits under beta, and y under the truncation's mask: each
 * mask is fresh and uniform, and what is dealt is a function of masks.
 *
 * g and h are comparisons of eighths, so that near a threshold either side may be taken; w is one of 20 bits. What is cut
 * off rounds z up or down, unbiased.
 *
 * Error for x <= 10.1: at most 2^-14 of the result, and 2^-16.9, and a unit in the last place. From 10.25 on the result is
 * 2^15, below -11.875 it is 0, and within 1/8 of those either that or exp(x). Domain: |x| < 2^(62 - 2 fractionBits), 2^30 at
 * 16 of them (2^20 from 21 on). Rounds 3 + levels of the tree (BT-3: 4). Bytes an element, BT-4, at 16 fraction bits: 8 for
 * c, 6.25 for trees and bits; dealt 68 for powers, 34.625 for trees. The truncation is not counted in them.
 */
import { EXPONENTIAL_BITS, EXPONENTIAL_WORDS, stepWords, type Words } from '@tacit/ring';
import {
  compareWithMask,
  dealTree,
  type TreeFields,
  treeFields,
  treeOpenings,
} from '../compare/compare-with-mask.js';
import { intervalPlanes } from '../compare/interval.js';
import { differencePlanes } from '../compare/masked-input.js';
import { readTree } from '../compare/tree-parameter.js';
import type { DealerOp } from '../definition/dealer-op.js';
import { oncePerPlan } from '../definition/fields-cache.js';
import { defineProtocol } from '../definition/protocol.js';
import { type Block, blockOf, type Field, Layout, planeWords } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { dealtBits, planTree, type TreePlan, type TreeShape, treeFor } from '../trees/tree-plan.js';
import { truncate, truncateOnce } from './truncate.js';

/** log2(e) at 17 fraction bits: 4e-7 of it off. */
const FACTOR = 189097n;
const FACTOR_BITS = 17;
/** Fraction bits of what the gate gives. */
const RESULT_BITS = 46;
/** Of c and y, whatever the session's window is. */
const WINDOW = 64;
/** Fraction bits of an exponent that count, and bits of its place in a period. */
const EXPONENT_BITS = 16;
const PLACE_BITS = EXPONENT_BITS + 4;
/** So that z mod 32 fits the window. */
const MOST_SCALE = WINDOW - FACTOR_BITS - 5;
/** Fraction bits of x that count between the thresholds, and these in such units. */
const EIGHTHS = 3;
const THRESHOLDS = [-94n, 82n];
/** Sixteenths. With 19 more every z between the thresholds lies in the periods of -16 and 0, however it is cut. */
const LIFT = 19n;
const SIXTEENTHS = 4;

interface Parameters {
  /** Fraction bits that x is given: k. */
  readonly raise: number;
  /** Fraction bits that it has then. */
  readonly scale: number;
  readonly tree: TreeShape;
}

/** First bit of an exponent that counts. */
const exponentFrom = (scale: number): number => scale + FACTOR_BITS - EXPONENT_BITS;
/** Bits of x that comparisons with thresholds take, without the sign. */
const thresholdBits = (scale: number): number => WINDOW - 1 - (scale - EIGHTHS);

interface Fields {
  readonly layout: Layout;
  readonly r: Field;
  /** Of the thresholds. */
  readonly plan: TreePlan;
  readonly tree: TreeFields;
  readonly top: Field;
  /** Of the places. */
  readonly placePlan: TreePlan;
  readonly placeTree: TreeFields;
  /** Of g, h and w. */
  readonly beta: Field;
  /** 2^-r16 with the masks of g and w, a field each. */
  readonly powers: readonly Field[];
  readonly above: Field;
}

/** The cheapest tree for places that is no deeper than the thresholds'. One of two leaves has one level. */
function planPlaces({ levels }: TreePlan, { arity }: TreeShape): TreePlan {
  const plans = Array.from({ length: PLACE_BITS / 2 }, (_, i) => planTree(PLACE_BITS, { w: i + 1, arity }));
  return plans
    .filter((plan) => plan.levels.length <= levels.length)
    .reduce((best, plan) => (dealtBits(plan) < dealtBits(best) ? plan : best));
}

function makeFields({ tree }: Parameters, plan: TreePlan): Fields {
  const layout = new Layout();
  const placePlan = planPlaces(plan, tree);
  return {
    layout,
    r: layout.freeWords('r'),
    plan,
    tree: treeFields(layout, plan, THRESHOLDS.length),
    top: layout.planes('r_t', 1),
    placePlan,
    placeTree: treeFields(layout, placePlan),
    beta: layout.freePlanes('beta', EXPONENTIAL_BITS),
    powers: Array.from({ length: EXPONENTIAL_WORDS }, (_, k) => layout.words(`2^-r ${k}`)),
    above: layout.halves('beta_h', 1),
  };
}

/**
 * exp(x) of x with `scale` fraction bits (default the session's), with the session's fraction bits; from x = 10.25 on
 * 2^15.
 */
export function exponential(session: Session, x: Share, scale: number = session.config.fractionBits): Share {
  // At the largest precisions, a product has more fraction bits than the gate takes.
  const input = scale > MOST_SCALE ? truncateOnce(session, x, scale - MOST_SCALE) : x;
  const y = exponentialGate(session, input, Math.min(scale, MOST_SCALE));
  const result = truncate(session, y, RESULT_BITS - session.config.fractionBits, WINDOW);
  if (input !== x) input.dispose();
  y.dispose();
  return result;
}

/** exp(x) at 46 fraction bits, for an x with `scale` of them. */
function exponentialGate(session: Session, x: Share, given: number): Share {
  if (!Number.isInteger(given) || given < 0) throw new RangeError(`exp: ${given} fraction bits`);
  // As a product of two values, which is within the window: the fewer bits are above the point, the less is compared.
  const scale = Math.min(MOST_SCALE, Math.max(given, 2 * session.config.fractionBits, EIGHTHS));
  const tree = treeFor(session.config.tree, x.size, thresholdBits(scale));
  return exponentialProtocol.runOn(session, x, { raise: scale - given, scale, tree });
}

export const exponentialProtocol = defineProtocol<Parameters, Fields>({
  kind: 'exponential',
  elementwise: true,
  parameters(request) {
    const scale = request.whole('scale', EIGHTHS, MOST_SCALE);
    const raise = request.whole('raise', 0, scale);
    return { raise, scale, tree: readTree(request, thresholdBits(scale)) };
  },
  fields: oncePerPlan(
    ({ scale, tree }) => planTree(thresholdBits(scale), tree),
    () => '',
    makeFields,
  ),
  rounds: (_, { plan, placePlan }) => 2 + Math.max(plan.levels.length, placePlan.levels.length),
  opens: (_, { plan, placePlan }) => [
    { bits: WINDOW },
    ...treeOpenings(plan, THRESHOLDS.length),
    ...treeOpenings(placePlan),
    { planes: EXPONENTIAL_BITS },
  ],
  async party(op, { inputs: [share], out, parameters: { raise, scale }, fields: own }) {
    const c = await op.openWords('c', WINDOW, (block, t) => {
      op.share(own.r, t, block);
      op.ring.addScaled(t, t, 1n << BigInt(raise), blockOf(share, block));
    });
    await op.dealt();
    const e = await openBits(op, own, scale, c);
    op.eachBlock((block) => combine(op, own, scale, blockOf(c, block), e, block, blockOf(out, block)));
    op.pool.give(c);
    op.pool.give(e);
  },
  dealer(op, { scale }, own) {
    op.eachBlock((block) => dealBlock(op, own, scale, block));
  },
  examples: {
    exponential: (s, { x }) => exponential(s, x),
  },
});

/** Opens g, h and w, masked: three planes a block. */
async function openBits(op: PartyOp, own: Fields, scale: number, c: Words): Promise<Words> {
  const low = scale - EIGHTHS;
  const thresholds = THRESHOLDS.map((t) => t << BigInt(low));
  const comparing = compareWithMask(op, own.plan, own.tree, (block, planes, j) =>
    differencePlanes(op, c, thresholds[j], block, planes, low, own.plan.bits),
  );
  const placePlanes = (block: Block, planes: Words): void => {
    const mark = op.scratch.mark();
    const t = op.scratch.words(block.length);
    op.ring.mulScalar(t, blockOf(c, block), FACTOR);
    op.ring.addScalar(t, t, LIFT << BigInt(scale + FACTOR_BITS - SIXTEENTHS));
    op.ring.toPlanes(planes, t, block.length, exponentFrom(scale), PLACE_BITS);
    op.scratch.release(mark);
  };
  // In the same rounds.
  const placing = compareWithMask(op, own.placePlan, own.placeTree, placePlanes, 'p');
  placing.catch(() => {}); // awaited below
  const less = await comparing;
  const lessPlaces = await placing;
  return op.openPlanes('e', EXPONENTIAL_BITS, (block, planes) => {
    const both = THRESHOLDS.length * planeWords(block.length);
    intervalPlanes(op, less, own.top, c, thresholds, WINDOW, block, planes.subarray(0, both));
    lessPlaces(block, planes.subarray(both));
    op.xorShare(own.beta, planes, block);
  });
}

/** This party's share of y for a block. */
function combine(
  op: PartyOp,
  own: Fields,
  scale: number,
  c: Words,
  e: Words,
  block: Block,
  out: Words,
): void {
  const n = block.length;
  const dealt = op.scratch.words(EXPONENTIAL_WORDS * n);
  own.powers.forEach((field, k) => {
    op.share(field, dealt.subarray(k * n, (k + 1) * n), block);
  });
  const above = op.shareInScratch(own.above, block);
  const planes = (block.start / 64) * EXPONENTIAL_BITS;
  const bits = e.subarray(planes, planes + EXPONENTIAL_BITS * planeWords(n));
  const exponents = op.scratch.words(n);
  op.ring.mulScalar(exponents, c, FACTOR);
  op.ring.exponentialCombine(out, exponents, bits, dealt, above, exponentFrom(scale), op.first);
}

function dealBlock(op: DealerOp, own: Fields, scale: number, block: Block): void {
  const n = block.length;
  const from = exponentFrom(scale);
  const r = op.freeInScratch(own.r, block);
  dealTree(op, own.plan, own.tree, r, block, { from: scale - EIGHTHS, top: own.top });
  op.ring.mulScalar(r, r, FACTOR);
  dealTree(op, own.placePlan, own.placeTree, r, block, { from });

  const dealt = op.scratch.words(EXPONENTIAL_WORDS * n);
  const above = op.scratch.words(stepWords(n));
  op.ring.exponentialMasks(dealt, above, r, op.freeInScratch(own.beta, block), from);
  own.powers.forEach((field, k) => {
    op.deal(field, dealt.subarray(k * n, (k + 1) * n), block);
  });
  op.deal(own.above, above, block);
}
