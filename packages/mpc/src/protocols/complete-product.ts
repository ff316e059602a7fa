/**
 * How every product ends: with C added, or truncated in the same round. Two parties shift their shares
 * (truncation/local-shifts.ts). Any number of them, or more than 32 bits to drop: the masked value is opened
 * (truncation/msb-correction.ts).
 *
 * There a product p that is truncated at once needs no dealt C: with s free instead of C and r, the parties open Z + s,
 * where Z = p - C is their sum without C, so the mask of p is r = s - C. It is uniform, the dealer knows it, and nothing
 * else was needed of C. That saves 8 dealt bytes, one stream a party, and the opening is the product's only round.
 *
 * It tells no more than a dealt C with a mask r of its own. Party i sends Z_i + s_i, and s_i is uniform and read nowhere
 * else: so each message, and c, is uniform whatever x, y, A, B and the other messages are. Given A and B, s - C is as
 * uniform as r was, the shares of C were used in this sum only, and T_0, T_1 are the same functions of the mask: views
 * are distributed alike, and a simulator draws E, F, c, messages and shares at random in both. Of E = X - A nothing is
 * learned either: every equation in A and B has an s of its own. The same holds in model-owner mode, where Z_owner is
 * f(X - A, W) and Z_j is f(A_j, F).
 */
import type { Words } from '@tacit/ring';
import type { DealerOp } from '../definition/dealer-op.js';
import { type Block, blockOf, type Field, Layout, type Opening } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import {
  dealWraps,
  truncateByWraps,
  truncatesByWraps,
  type WrapFields,
  wrapFields,
} from '../truncation/local-shifts.js';
import { dealFloors, type FloorFields, floorFields, openTruncated } from '../truncation/msb-correction.js';
import type { Truncation } from '../truncation/parameters.js';

/** The random fields of a product, truncated or not. */
export interface ProductFields {
  readonly layout: Layout;
  /** C (dealt), or s (free) where the masked product is opened. */
  readonly addend: Field;
  readonly wraps?: WrapFields;
  readonly floors?: FloorFields;
}

function productFields(truncate: Truncation | undefined, parties: number): ProductFields {
  const layout = new Layout();
  if (!truncate) return { layout, addend: layout.words('C') };
  const { l, f } = truncate;
  if (truncatesByWraps(parties, f)) return { layout, addend: layout.words('C'), wraps: wrapFields(layout) };
  return { layout, addend: layout.freeWords('s'), floors: floorFields(layout, l, f) };
}

/** Parameters of all products. */
export interface ProductParameters {
  /** Bits to drop in the same round. */
  readonly truncate?: Truncation;
}

/** What the definitions of all products have in common. */
export const productDefinition = {
  fields: ({ truncate }: ProductParameters, parties: number): ProductFields =>
    productFields(truncate, parties),
  /** Beyond the masking of the operands. */
  rounds: ({ truncate }: ProductParameters): number => (truncate ? 1 : 0),
  opens({ truncate }: ProductParameters, { wraps }: ProductFields): Opening[] {
    if (!truncate) return [];
    return wraps ? [{ planes: 1 }] : [{ bits: truncate.l }];
  },
};

/**
 * Party half of a product: `add` writes to `to` a block of this party's product plus `addend`, in scratch. `to` is that
 * block of `out` or scratch.
 */
export async function completeProduct(
  op: PartyOp,
  { addend, wraps, floors }: ProductFields,
  truncate: Truncation | undefined,
  out: Words,
  add: (block: Block, addend: Words, to: Words) => void,
): Promise<void> {
  const product = (block: Block, to: Words) => {
    const mark = op.scratch.mark();
    add(block, op.shareInScratch(addend, block), to);
    op.scratch.release(mark);
  };
  if (truncate && floors) return openTruncated(op, floors, truncate, product, out);
  const inPlace = (block: Block) => product(block, blockOf(out, block));
  await op.dealt();
  if (truncate && wraps) return truncateByWraps(op, wraps, truncate.f, out, out, inPlace);
  for (const block of op.blocks()) inPlace(block);
}

/** Dealer half of a product, one block: `add(out, sign)` adds C or -C to `out`, in scratch. */
export function dealProduct(
  op: DealerOp,
  { addend, wraps, floors }: ProductFields,
  truncate: Truncation | undefined,
  block: Block,
  add: (out: Words, sign: 1n | -1n) => void,
): void {
  const mark = op.scratch.mark();
  const out = op.scratch.words(block.length);
  if (truncate && floors) {
    op.free(addend, out, block);
    add(out, -1n);
    dealFloors(op, floors, out, block, truncate.l, truncate.f);
  } else {
    out.fill(0n);
    add(out, 1n);
    op.deal(addend, out, block);
    if (wraps) dealWraps(op, wraps, block);
  }
  op.scratch.release(mark);
}
