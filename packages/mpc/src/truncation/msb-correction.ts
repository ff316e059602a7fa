/**
 * Truncation of an opened value for any number of parties, with MSB correction (Escudero, Ghosh, Keller, Rachuri, Wells:
 * "Improved Primitives for MPC over Mixed Arithmetic-Binary Circuits", CRYPTO 2020, section 5.1), dealer-assisted. What
 * the dealer knows of a truncated value: x >> f = (c >> f) + T_s up to one unit, for c = x + r opened mod 2^l and
 * s the top bit of c.
 *
 *     T_s = 2^(l-1-f) (s ^ r_t) - (r' >> f), s = 0, 1          r = r' + 2^(l-1) r_t
 *
 * T_1 = T_0 + 2^(l-1-f) (1 - 2 r_t), so where 32 bits of the step 1 - 2 r_t are enough (f <= l - 33) it is dealt instead
 * of T_1: half of the bytes.
 */
import { type Ring, stepsFit, stepWords, type Words } from '@tacit/ring';
import type { DealerOp } from '../definition/dealer-op.js';
import { type Block, blockOf, type Field, type Layout } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Truncation } from './parameters.js';

/** T_0 and T_1 of a block of masks r (destroyed), in scratch. */
export function maskedFloors(op: { readonly ring: Ring }, r: Words, l: number, f: number): [Words, Words] {
  const T0 = op.ring.scratch.words(r.length);
  op.ring.maskedFloors(T0, r, r, l, f);
  return [T0, r];
}

/** Fields of T_0 and T_1. */
export interface FloorFields {
  readonly t0: Field;
  /** T_1, or the steps to it. */
  readonly t1: Field;
}

export const floorFields = (layout: Layout, l: number, f: number): FloorFields => ({
  t0: layout.words('T0'),
  t1: stepField(layout, 'T1', l, f),
});

/** Something times T_1: a field of words, or of the same times the step. */
export const stepField = (layout: Layout, name: string, l: number, f: number): Field =>
  stepsFit(l, f) ? layout.halves(`step to ${name}`, 1) : layout.words(name);

/** A party's share of T_1 (times something), in scratch, for its share of T_0 (times the same). */
export function secondFloor(op: PartyOp, field: Field, T0: Words, block: Block, l: number, f: number): Words {
  if (field.halves === 0) return op.shareInScratch(field, block);
  const T1 = op.scratch.words(block.length);
  const mark = op.scratch.mark();
  op.ring.addSteps(T1, T0, op.shareInScratch(field, block), l - 1 - f);
  op.scratch.release(mark);
  return T1;
}

/** Dealer half of floorFields, for one block of masks r (in scratch, destroyed). */
export function dealFloors(
  op: DealerOp,
  { t0, t1 }: FloorFields,
  r: Words,
  block: Block,
  l: number,
  f: number,
): void {
  if (t1.halves === 0) {
    const [T0, T1] = maskedFloors(op, r, l, f);
    op.deal(t0, T0, block);
    op.deal(t1, T1, block);
    return;
  }
  const mark = op.scratch.mark();
  const steps = op.scratch.words(stepWords(r.length));
  op.ring.floorSteps(r, steps, r, l, f);
  op.deal(t0, r, block);
  op.deal(t1, steps, block);
  op.scratch.release(mark);
}

/**
 * Party half: opens what `produce` writes (a share of x plus a mask, without the offset) and truncates it into `out`.
 * One round, l/8 bytes an element.
 */
export async function openTruncated(
  op: PartyOp,
  fields: FloorFields,
  { f, l }: Truncation,
  produce: (block: Block, t: Words) => void,
  out: Words,
): Promise<void> {
  const offset = 1n << BigInt(l - 2);
  const c = await op.openWords('c', l, (block, t) => {
    produce(block, t);
    if (op.first) op.ring.addScalar(t, t, offset);
  });
  await op.dealt();
  const combine = fields.t1.halves > 0 ? 'truncSteps' : 'truncCombine';
  op.eachBlock((block) => {
    const T0 = op.shareInScratch(fields.t0, block);
    const T1 = op.shareInScratch(fields.t1, block);
    op.ring[combine](blockOf(out, block), blockOf(c, block), T0, T1, l, f, op.first);
  });
  op.pool.give(c);
}
