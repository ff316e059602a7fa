/**
 * The sine gate: an odd function with limits -1 and 1 (tanh, the sigmoid but for a shift) as a sum of sines between two
 * thresholds, exactly -1 or 1 outside of them.
 *
 *     open c = x + r mod 2^l
 *     Y = sum_k a_k sin(w_k x) = sum_k (a_k sin w_k c) [cos w_k r] - (a_k cos w_k c) [sin w_k r]     local, mod 2^32
 *     z = Y >> drop as in truncate.ts, opened beside the tree: P = c2' >> drop, z = P + T_s
 *     w = [x inside], g = [x beyond the upper threshold] by the tree on c, opened as e_w = w ^ beta_w, e_g = g ^ beta_g
 *     y = w (z + 1) + 2 g - 1
 *
 * A sine of a difference is what additive masking is made for: whatever the number of terms, x is opened once, and
 * all that the dealer knows of a term are two numbers. They are dealt mod 2^32, since only the top of a product counts:
 * both factors are rounded to integers, of 29 fraction bits together. The angle is a fraction of a turn, a power of two
 * in x, so it wraps with the words. Public factors are f32 arithmetic that is the same on all machines (ring/sines.ts).
 *
 * The sum is good on both sides of a threshold, so the comparisons need no low bits: [floor(x / u) or one more >= t]
 * with u = 1/2. What Y is outside does not matter, w = 0 takes it away.
 *
 * Domain |x| < 2^(l-2). Rounds 2 + levels of the tree. Bytes an element, l = 64, BT-4, from 32 fraction bits: 8 for c,
 * 4 for Y, 4 for the tree and e. Dealt: 8 a term, 48 for the selection, leaves and products of the tree.
 */
import type { SineTerm, Words } from '@tacit/ring';
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
import { sigmoidSines } from '../sines/generated/sigmoid.js';
import { tanhSines } from '../sines/generated/tanh.js';
import { type SineTable, sinesFingerprint } from '../sines/table.js';
import type { TreePlan } from '../trees/tree-plan.js';
import { maskedFloors } from '../truncation/msb-correction.js';

/** Y is a number mod 2^32 with 29 fraction bits, so that |Y| < 2 leaves the slack bit of a truncation. */
const SUM_WINDOW = 32;
const SUM_BITS = 29;
const SUM_OFFSET = 1n << BigInt(SUM_WINDOW - 2);

interface Parameters extends Comparison {
  readonly name: string;
  /** Fingerprint of the table: the dealer does not need the amplitudes, the parties must agree. */
  readonly table: string;
  readonly frequencies: readonly number[];
  readonly maskBits: readonly number[];
  /** First of the 32 bits of x that are the angle. */
  readonly shift: number;
  /** Bits of x below the unit of the comparisons. */
  readonly low: number;
  /** Fraction bits of the result. */
  readonly height: number;
  readonly fromZero: boolean;
}

interface Fields {
  readonly layout: Layout;
  readonly plan: TreePlan;
  readonly r: Field;
  readonly tree: TreeFields;
  readonly top: Field;
  /** Of w and g. */
  readonly beta: Field;
  /** Cosine and sine of the mask, a field a term. */
  readonly pairs: readonly Field[];
  /** The mask of Y. */
  readonly mask: Field;
  readonly t0: Field;
  readonly t1: Field;
  readonly betaT0: Field;
  readonly betaT1: Field;
  readonly inside: Field;
  readonly above: Field;
}

function makeFields({ frequencies }: Parameters, plan: TreePlan): Fields {
  const layout = new Layout();
  return {
    layout,
    plan,
    r: layout.freeWords('r'),
    tree: treeFields(layout, plan, 2),
    top: layout.planes('r_t', 1),
    beta: layout.freePlanes('beta', 2),
    pairs: frequencies.map((_, k) => layout.halves(`cos and -sin ${k}`, 2)),
    mask: layout.freeWords('mask of Y'),
    t0: layout.words('T0'),
    t1: layout.words('T1'),
    betaT0: layout.words('beta_w T0'),
    betaT1: layout.words('beta_w T1'),
    inside: layout.words('beta_w'),
    above: layout.words('beta_g'),
  };
}

/** |x| < 2^(window - 2). */
export interface SineSumOptions extends ComparisonOptions {
  /** Fraction bits of x, not negative. */
  readonly scale: number;
  /** Fraction bits of the result, at most 28. */
  readonly height: number;
  /** Adds 1: the result goes from 0 to 2. */
  readonly fromZero: boolean;
}

/** Whether numbers of a scale can be angles: a whole turn must lie within the window. */
export const turnFits = (table: SineTable, scale: number, window: number): boolean =>
  scale >= 0 && scale + table.turn <= window;

/**
 * The table's function of x, -1 or 1 outside; with fromZero, 1 more.
 * @throws RangeError where a turn does not fit the window, or for other fraction bits of the result
 */
export function sineSum(session: Session, x: Share, table: SineTable, options: SineSumOptions): Share {
  const { scale, height, fromZero, window: l = session.config.window } = options;
  if (!turnFits(table, scale, l))
    throw new RangeError(`${table.name}: 2^${table.turn} at scale ${scale} is beyond a window of ${l} bits`);
  if (!Number.isInteger(height) || height < 0 || height >= SUM_BITS)
    throw new RangeError(`${table.name}: the result has 0 to ${SUM_BITS - 1} fraction bits, not ${height}`);
  const low = Math.max(0, scale - 1);
  const parameters = {
    name: table.name,
    table: sinesFingerprint(table),
    frequencies: table.terms.map((t) => t.frequency),
    maskBits: table.terms.map((t) => t.maskBits),
    shift: scale + table.turn - 32,
    low,
    height,
    fromZero,
    ...comparisonOf(session, x.size, options, () => l - low - 1),
  };
  const unit = 2 ** (scale - low); // of the comparisons, in parts of 1
  const argument = {
    thresholds: [-Math.ceil(table.inside * unit), Math.ceil(table.outside * unit)].map(
      (t) => BigInt(t) << BigInt(low),
    ),
    terms: table.terms.map((t) => ({
      frequency: t.frequency,
      scale: t.amplitude * 2 ** (SUM_BITS - t.maskBits),
    })),
  };
  return sineSumProtocol.runOn(session, x, parameters, argument);
}

interface Argument {
  readonly thresholds: readonly bigint[];
  readonly terms: readonly SineTerm[];
}

/** What one operation can have; scratch memory holds the terms of a block. */
const MAX_TERMS = 64;
/** Characters of a name or fingerprint. */
const MAX_NAME = 128;

export const sineSumProtocol = defineProtocol<Parameters, Fields, Argument>({
  kind: 'sines',
  elementwise: true,
  parameters(request) {
    const l = request.window();
    const frequencies = request.wholes('frequencies', MAX_TERMS, 0, 2 ** 31 - 1);
    const maskBits = request.wholes('maskBits', MAX_TERMS, 0, 21);
    if (maskBits.length !== frequencies.length) request.fail('frequencies and maskBits differ in length');
    const low = request.whole('low', 0, l - 3);
    return {
      name: request.text('name', MAX_NAME),
      table: request.text('table', MAX_NAME),
      frequencies,
      maskBits,
      shift: request.whole('shift', -32, 32),
      low,
      height: request.whole('height', 0, SUM_BITS - 1),
      fromZero: request.flag('fromZero'),
      l,
      tree: readTree(request, l - low - 1),
    };
  },
  fields: oncePerPlan(
    ({ l, low, tree }) => signPlan(l - low, tree),
    ({ frequencies }) => `${frequencies.length}`,
    makeFields,
  ),
  rounds: (_, { plan }) => signRounds(plan),
  opens: ({ l }, { plan }) => [{ bits: l }, ...treeOpenings(plan, 2), { bits: SUM_WINDOW }, { planes: 2 }],
  async party(op, { inputs: [share], out, parameters, fields: own, argument: { thresholds, terms } }) {
    const c = await openMaskedInput(op, own.r, parameters.l, share);
    await op.dealt();
    const comparing = compareInside(op, own, thresholds, parameters, c);
    // In the same round as the tree's first level.
    const summing = openSum(op, own, terms, parameters.shift, c);
    summing.catch(() => {}); // awaited below
    const e = await comparing;
    const sum = await summing;
    op.eachBlock((block) => combine(op, own, parameters, blockOf(sum, block), e, block, blockOf(out, block)));
    op.pool.give(c);
    op.pool.give(sum);
    op.pool.give(e);
  },
  dealer(op, parameters, own) {
    const { frequencies, maskBits } = parameters;
    const terms = frequencies.map((frequency, k) => ({ frequency, scale: 2 ** maskBits[k] }));
    op.eachBlock((block) => dealBlock(op, own, parameters, terms, block));
  },
  examples: {
    sigmoid: (s, { x }) => {
      const { fractionBits } = s.config;
      return sineSum(s, x, sigmoidSines, {
        scale: fractionBits + 1,
        height: fractionBits - 1,
        fromZero: true,
        window: 64,
      });
    },
    tanh: (s, { x }) => {
      const { fractionBits } = s.config;
      return sineSum(s, x, tanhSines, {
        scale: fractionBits,
        height: fractionBits,
        fromZero: false,
        window: 64,
      });
    },
  },
});

/** Opens Y under a mask of its own. */
const openSum = (
  op: PartyOp,
  own: Fields,
  terms: readonly SineTerm[],
  shift: number,
  c: Words,
): Promise<Words> =>
  op.openWords('y', SUM_WINDOW, (block, t) => {
    const mark = op.scratch.mark();
    const n = block.length;
    const pairs = op.scratch.words(own.pairs.length * n);
    own.pairs.forEach((field, k) => {
      op.share(field, pairs.subarray(k * n, (k + 1) * n), block);
    });
    op.ring.sineSum(t, blockOf(c, block), pairs, shift, terms);
    op.ring.add(t, t, op.shareInScratch(own.mask, block));
    if (op.first) op.ring.addScalar(t, t, SUM_OFFSET);
    op.scratch.release(mark);
  });

/** Opens whether x is inside and whether it is above, masked: two planes a block. */
async function compareInside(
  op: PartyOp,
  own: Fields,
  thresholds: readonly bigint[],
  { low, l }: Parameters,
  c: Words,
): Promise<Words> {
  const less = await compareWithMask(op, own.plan, own.tree, (block, planes, j) =>
    differencePlanes(op, c, thresholds[j], block, planes, low, l - 1 - low),
  );
  return op.openPlanes('e', 2, (block, planes) => {
    const mark = op.scratch.mark();
    const stride = planeWords(block.length);
    const inside = planes.subarray(0, stride);
    const above = planes.subarray(stride);
    const t = op.scratch.words(2 * stride);
    const plane = t.subarray(0, stride);
    less(block, planes);
    if (op.first)
      [inside, above].forEach((bit, j) => {
        differencePlanes(op, c, thresholds[j], block, plane, l - 1, 1);
        op.ring.xor(bit, bit, plane);
      });
    // Both are [x < t] but for the top bit of r, which their difference does not have.
    op.ring.xor(inside, inside, above);
    op.share(own.top, plane, block);
    op.ring.xor(above, above, plane);
    if (op.first) op.ring.not(above, above);
    op.share(own.beta, t, block);
    op.ring.xor(planes, planes, t);
    op.scratch.release(mark);
  });
}

/** This party's share of y for a block. */
function combine(
  op: PartyOp,
  own: Fields,
  { height, fromZero }: Parameters,
  sum: Words,
  e: Words,
  block: Block,
  out: Words,
): void {
  const { ring } = op;
  const stride = planeWords(block.length);
  const start = (block.start / 64) * 2;
  const load = (field: Field): Words => op.shareInScratch(field, block);
  const y = op.scratch.words(block.length);
  ring.reluCombine(
    y,
    sum,
    e.subarray(start, start + stride),
    load(own.inside),
    load(own.t0),
    load(own.t1),
    load(own.betaT0),
    load(own.betaT1),
    SUM_WINDOW,
    SUM_BITS - height,
    op.first,
  );
  const above = load(own.above);
  ring.bitCombine(above, e.subarray(start + stride, start + 2 * stride), above, op.first);
  ring.shl(above, above, height + 1);
  ring.add(y, y, above);
  if (op.first && !fromZero) ring.addScalar(y, y, -1n << BigInt(height));
  out.set(y);
}

function dealBlock(
  op: DealerOp,
  own: Fields,
  { shift, low, height }: Parameters,
  terms: readonly SineTerm[],
  block: Block,
): void {
  const { ring } = op;
  const n = block.length;
  const stride = planeWords(n);
  const r = op.freeInScratch(own.r, block);
  dealTree(op, own.plan, own.tree, r, block, { from: low, top: own.top });

  const pairs = op.scratch.words(terms.length * n);
  ring.sinePairs(pairs, r, shift, terms);
  own.pairs.forEach((field, k) => {
    op.deal(field, pairs.subarray(k * n, (k + 1) * n), block);
  });

  const beta = op.freeInScratch(own.beta, block);
  const bit = op.scratch.words(n);
  const t = op.scratch.words(n);
  ring.fromPlanes(t, beta.subarray(stride), n, 0, 1);
  op.deal(own.above, t, block);
  ring.fromPlanes(bit, beta.subarray(0, stride), n, 0, 1);
  t.set(bit);
  op.deal(own.inside, t, block);
  ring.neg(bit, bit); // all ones where beta_w = 1

  const drop = SUM_BITS - height;
  op.free(own.mask, r, block);
  const floors = maskedFloors(op, r, SUM_WINDOW, drop);
  // z + 1 instead of z: less the offset of Y.
  const lift = (1n << BigInt(height)) - (SUM_OFFSET >> BigInt(drop));
  const dealt = [own.t0, own.t1];
  const products = [own.betaT0, own.betaT1];
  floors.forEach((T, s) => {
    ring.addScalar(T, T, lift);
    ring.and(t, T, bit);
    op.deal(products[s], t, block);
    op.deal(dealt[s], T, block);
  });
}
