/**
 * ReLU, optionally with a truncation by f bits in the same rounds.
 *
 *     T_s = 2^(l-1-f) (s ^ r_t) - (r' >> f)        dealt: [beta], [T_s], [beta T_s]
 *     P = c' >> f, s = c_t, e = [x >= 0] ^ beta (opened by compare/sign.ts)
 *     y_i = P ((1 - 2e) beta_i + [i=0] e) + e T_s,i + (1 - 2e) (beta T_s)_i
 *
 * f = 0: exact for |x| < 2^(l-1). f > 0: floor(x / 2^f) or one more for x >= 0, exactly 0 for x < 0. The result is a
 * full 64-bit sharing. Rounds 2 + levels of the tree; BT-3 with l = 48: 3 rounds, 7.9 bytes; BT-4 with l = 64: 4 rounds,
 * 12.3 bytes. For l = 64 and f = 0, T_0 = -r is free and T_1 = T_0 + 2^63, so 16 bytes are dealt beside the tree.
 */
import { stepWords, type Words } from '@tacit/ring';
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
import { type Block, blockOf, type Field, Layout } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import type { TreePlan } from '../trees/tree-plan.js';
import {
  type FloorFields,
  floorFields,
  maskedFloors,
  secondFloor,
  stepField,
} from '../truncation/msb-correction.js';
import { checkTruncation } from '../truncation/parameters.js';
import { truncateExact } from './truncate-exact.js';

interface Parameters extends Comparison {
  /** Bits to drop. */
  readonly f: number;
}

interface Fields {
  readonly layout: Layout;
  readonly sign: SignFields;
  readonly betaT0: Field;
  /** Absent where T_0 = -r is free. */
  readonly rest: (FloorFields & { readonly betaT1: Field }) | undefined;
}

function makeFields({ l, f }: Parameters, plan: TreePlan): Fields {
  const layout = new Layout();
  const sign = signFields(layout, plan);
  const betaT0 = layout.words('beta T0');
  const rest =
    l === 64 && f === 0
      ? undefined
      : { ...floorFields(layout, l, f), betaT1: stepField(layout, 'beta T1', l, f) };
  return { layout, sign, betaT0, rest };
}

const TOP = 1n << 63n;

export interface ReluOptions extends ComparisonOptions {
  /** Bits to drop from the result. Default 0. */
  readonly truncate?: number;
}

/**
 * max(x, 0), divided by 2^truncate: exactly where the session's truncation is 'exact', in more rounds.
 * @throws RangeError where the truncation does not fit its window
 */
export const relu = (session: Session, x: Share, options: ReluOptions = {}): Share =>
  truncateAfter(session, reluProtocol.runOn(session, x, parametersOf(session, x, options)), options);

/**
 * As relu, and the bit [x > 0] at scale 0, which is there anyway: it costs nothing on the network. The comparison is
 * then with 1, which is the same for the product, so x must be more than -2^(window-1).
 */
export function reluAndBit(session: Session, x: Share, options: ReluOptions = {}): { y: Share; bit: Share } {
  const parameters = parametersOf(session, x, options);
  const call = { inputs: [x], shape: x.shape, parameters };
  const { result, extra } = reluProtocol.runWith(session, BIT, call);
  return { y: truncateAfter(session, result, options), bit: extra };
}

const BIT = 'bit';

function parametersOf(session: Session, x: Share, options: ReluOptions): Parameters {
  const { truncate: f = 0 } = options;
  const comparison = comparisonOf(session, x.size, options);
  if (f !== 0) checkTruncation({ f, l: comparison.l });
  return { f: session.config.truncation === 'exact' ? 0 : f, ...comparison };
}

/** y, less the bits that the ReLU did not drop because that is to be exact. */
function truncateAfter(session: Session, y: Share, options: ReluOptions): Share {
  const { truncate: f = 0 } = options;
  if (f === 0 || session.config.truncation !== 'exact') return y;
  const truncated = truncateExact(session, y, f, options);
  y.dispose();
  return truncated;
}

export const reluProtocol = defineProtocol<Parameters, Fields>({
  ...signDefinition,
  kind: 'relu',
  elementwise: true,
  parameters(request) {
    const l = request.window();
    return { l, f: request.whole('f', 0, Math.max(0, l - 3)), tree: readTree(request, l - 1) };
  },
  fields: oncePerPlan(
    ({ l, tree }) => signPlan(l, tree),
    ({ l, f }) => `${l}/${f}`,
    makeFields,
  ),
  async party(op, { inputs: [share], out, extra, parameters: { l, f }, fields: own }) {
    // [x > 0] is [x >= 1], and 0 times either is 0.
    const { c, e } = await openSign(op, own.sign, l, share, extra[BIT] ? 1n : 0n);
    op.eachBlock((block) => {
      const beta = op.shareInScratch(own.sign.betaWord, block);
      const bT0 = op.shareInScratch(own.betaT0, block);
      const [T0, T1, bT1] = own.rest
        ? dealtFloors(op, own.rest, bT0, block, l, f)
        : freeFloors(op, op.shareInScratch(own.sign.r, block), beta, bT0);
      const sign = signPlane(op, e, block);
      if (extra[BIT]) op.ring.bitCombine(blockOf(extra[BIT], block), sign, beta, op.first);
      const y = blockOf(out, block);
      op.ring.reluCombine(y, blockOf(c, block), sign, beta, T0, T1, bT0, bT1, l, f, op.first);
    });
    op.pool.give(c);
    op.pool.give(e);
  },
  dealer(op, { l, f }, own) {
    op.eachBlock((block) => {
      const r = op.freeInScratch(own.sign.r, block);
      const beta = dealSign(op, own.sign, r, block);
      const t = op.scratch.words(block.length);
      const dealProduct = (field: Field, T: Words) => {
        op.ring.mul(t, beta, T);
        op.deal(field, t, block);
      };
      if (own.rest && own.rest.t1.halves > 0) {
        const steps = op.scratch.words(stepWords(block.length));
        const betaSteps = op.scratch.words(steps.length);
        op.ring.floorSteps(r, steps, r, l, f);
        op.ring.selectSteps(betaSteps, steps, beta);
        dealProduct(own.betaT0, r);
        op.deal(own.rest.betaT1, betaSteps, block);
        op.deal(own.rest.t0, r, block);
        op.deal(own.rest.t1, steps, block);
      } else if (own.rest) {
        const [T0, T1] = maskedFloors(op, r, l, f);
        dealProduct(own.betaT0, T0);
        dealProduct(own.rest.betaT1, T1);
        op.deal(own.rest.t0, T0, block);
        op.deal(own.rest.t1, T1, block);
      } else {
        op.ring.neg(r, r);
        dealProduct(own.betaT0, r);
      }
      op.deal(own.sign.betaWord, beta, block);
    });
  },
  examples: {
    ReLU: (s, { x }) => relu(s, x),
    'ReLU of a product, truncated': (s, { x, drop }) => relu(s, x, { truncate: drop.f, window: drop.l }),
  },
});

/** T_0, T_1 and beta T_1. */
function dealtFloors(
  op: PartyOp,
  { t0, t1, betaT1 }: FloorFields & { readonly betaT1: Field },
  bT0: Words,
  block: Block,
  l: number,
  f: number,
): [Words, Words, Words] {
  const T0 = op.shareInScratch(t0, block);
  return [T0, secondFloor(op, t1, T0, block, l, f), secondFloor(op, betaT1, bT0, block, l, f)];
}

/** l = 64, f = 0: T_0 = -r, T_1 = T_0 + 2^63, beta T_1 = beta T_0 + 2^63 beta. `r` is overwritten. */
function freeFloors(op: PartyOp, r: Words, beta: Words, betaT0: Words): [Words, Words, Words] {
  const T1 = op.scratch.words(r.length);
  const bT1 = op.scratch.words(r.length);
  op.ring.neg(r, r);
  if (op.first) op.ring.addScalar(T1, r, TOP);
  else T1.set(r);
  op.ring.shl(bT1, beta, 63);
  op.ring.add(bT1, bT1, betaT0);
  return [r, T1, bT1];
}
