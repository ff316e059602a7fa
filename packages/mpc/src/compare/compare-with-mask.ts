/**
 * Runs comparison trees over blocks of bit planes: u = [c < r] or [c = r], c public, r known to the dealer. Party half
 * and dealer half side by side; formulas in trees/tree-plan.ts, code in tree-programs.ts. Rounds: one a level.
 *
 * Several public numbers may be compared with the same r (thresholds on one opening): they share the leaf tables and
 * the messages, but no mask. The planes of comparison t follow those of comparison t - 1 in every field and message.
 */
import type { BitProgram, Ring, Words } from '@tacit/ring';
import type { DealerOp } from '../definition/dealer-op.js';
import {
  type Block,
  type Field,
  type Layout,
  type Opening,
  planeFieldWords,
  planeWords,
} from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import { remembered } from '../runtime/remembered.js';
import type { TreeLevel, TreePlan } from '../trees/tree-plan.js';
import { PlaneAssembler } from './plane-assembler.js';
import { emitEqualLeaf, emitLeaf, emitLevel, emitLink, emitOneHot, emitProducts } from './tree-programs.js';

/** The random fields of `count` comparisons with one r: they share leaves, never anything else. */
export interface TreeFields {
  readonly count: number;
  readonly leaves: readonly Field[];
  readonly levels: readonly LevelFields[];
}

interface LevelFields {
  readonly lambda: Field;
  readonly products: Field;
}

export const treeFields = (layout: Layout, plan: TreePlan, count = 1): TreeFields => ({
  count,
  leaves: plan.leaves.map((w, j) => layout.planes(`leaf ${j}`, (1 << w) - 1)),
  levels: plan.levels.map((level, k) => ({
    lambda: layout.freePlanes(`lambda ${k}`, count * level.opened),
    products: layout.planes(`products ${k}`, count * level.products),
  })),
});

/** What the levels of `count` comparisons open. */
export const treeOpenings = (plan: TreePlan, count = 1): Opening[] =>
  plan.levels.map(({ opened }) => ({ planes: count * opened }));

/** Writes the planes of public number `index` (plan.bits of them) of a block. */
export type PublicPlanes = (block: Block, planes: Words, index: number) => void;
/** Writes the shares of a block's results, one plane a comparison. Call it while producing the next opening. */
export type PlaneWriter = (block: Block, out: Words) => void;

const names = (what: string): string[] => Array.from({ length: 64 }, (_, i) => `${what} ${i}`);
const LEAF = names('leaf');
const LEVEL = names('level');
const ONE_HOT = names('one-hot');
const PRODUCTS = names('products');

/** Compiled programs of a plan, by what they do: a ring compiles each once. */
type Programs = Map<string, BitProgram>;
const compiled = new WeakMap<Ring, Map<TreePlan, Programs>>();

function program(
  ring: Ring,
  plan: TreePlan,
  name: string,
  planes: number,
  emit: (asm: PlaneAssembler) => void,
): BitProgram {
  const plans = remembered(compiled, ring, () => new Map());
  const programs = remembered(plans, plan, () => new Map());
  return remembered(programs, name, () => {
    const asm = new PlaneAssembler();
    emit(asm);
    return asm.assemble(ring, planes);
  });
}

/** A stack of planes in scratch, addressed by plane number. */
class Region {
  readonly words: Words;
  constructor(
    readonly op: { readonly ring: Ring; readonly scratch: Ring['scratch'] },
    planes: number,
    readonly stride: number,
  ) {
    this.words = op.scratch.words(planes * stride);
  }
  planes(from: number, count: number): Words {
    return this.words.subarray(from * this.stride, (from + count) * this.stride);
  }
  fill(plane: number, ones: boolean): void {
    this.op.ring.fill(this.planes(plane, 1), ones ? 0xffff_ffff_ffff_ffffn : 0n);
  }
  run(code: BitProgram): void {
    code.run(this.words, this.stride);
  }
}

/** Remembers a function of plans. */
function memo<T>(f: (plan: TreePlan) => T): (plan: TreePlan) => T {
  const known = new WeakMap<TreePlan, T>();
  return (plan) => remembered(known, plan, () => f(plan));
}

/** Numbers stacks of planes one after another. */
function planeCounter() {
  let planes = 0;
  const take = (count: number) => {
    planes += count;
    return planes - count;
  };
  return { take, total: () => planes };
}

/** Where things are in the region of the leaf stage. */
const leafMap = memo((plan: TreePlan) => {
  const widest = Math.max(...plan.leaves);
  const level = plan.levels[0];
  const { take, total } = planeCounter();
  return {
    c: take(plan.bits),
    lt: take(plan.leaves.length),
    eq: take(plan.leaves.length),
    first: take(1),
    temp: take(1),
    hot: take(1 << widest),
    suffix: take(1 << (widest - 1)),
    lambda: take(level?.opened ?? 0),
    masked: take(level?.opened ?? 0),
    carry: take(level?.carries ?? 0),
    planes: total(),
  };
});

/** Where things are in the regions of the evaluations of the levels. */
const levelMaps = memo((plan: TreePlan) =>
  plan.levels.map((level, k) => levelMap(level, plan.levels[k + 1])),
);

function levelMap(level: TreeLevel, next: TreeLevel | undefined) {
  const { take, total } = planeCounter();
  return {
    delta: take(level.opened),
    lambda: take(level.opened),
    products: take(level.products),
    carry: take(level.carries),
    first: take(1),
    result: take(1),
    nextLambda: take(next?.opened ?? 0),
    nextMasked: take(next?.opened ?? 0),
    nextCarry: take(next?.carries ?? 0),
    planes: total(),
  };
}

/**
 * Party half: runs all openings of the trees and returns the writer of this party's shares of the results, to be called
 * once for each block, in order, inside the opening that follows (so the last level costs no round of its own). `name` keys the openings.
 */
export async function compareWithMask(
  op: PartyOp,
  plan: TreePlan,
  fields: TreeFields,
  publicPlanes: PublicPlanes,
  name = 't',
): Promise<PlaneWriter> {
  await op.dealt();
  const [first] = plan.levels;
  if (!first) return (block, out) => writeLeafStage(op, plan, fields, publicPlanes, block, out);

  const { count } = fields;
  let carry: Words = op.pool.take(planeFieldWords(count * first.carries, op.n));
  let delta = await op.openPlanes(`${name}0`, count * first.opened, (block, out) =>
    writeLeafStage(op, plan, fields, publicPlanes, block, out, carry),
  );
  for (let k = 0; k + 1 < plan.levels.length; k++) {
    const next = plan.levels[k + 1];
    const nextCarry = op.pool.take(planeFieldWords(count * next.carries, op.n));
    const opened = await op.openPlanes(`${name}${k + 1}`, count * next.opened, (block, out) =>
      writeLevelStage(op, plan, fields, k, block, delta, carry, out, nextCarry),
    );
    op.pool.give(delta);
    op.pool.give(carry);
    delta = opened;
    carry = nextCarry;
  }
  return (block, out) => {
    writeLevelStage(op, plan, fields, plan.levels.length - 1, block, delta, carry, out);
    if (block.start + block.length < op.n) return;
    op.pool.give(delta);
    op.pool.give(carry);
  };
}

/** The planes of a block in a plane field of `planes` planes an element. */
const blockPlanes = (words: Words, planes: number, block: Block): Words => {
  const from = (block.start / 64) * planes;
  return words.subarray(from, from + planes * planeWords(block.length));
};

/** This party's shares of a field of a block, `planes` of it a comparison: straight where they go if there is only one. */
function sharesOf(
  op: PartyOp,
  field: Field,
  planes: number,
  count: number,
  block: Block,
): (out: Words, t: number) => void {
  if (count === 1) return (out) => op.share(field, out, block);
  const size = planes * planeWords(block.length);
  const all = op.scratch.words((field.planes / planes) * size);
  op.share(field, all, block);
  return (out, t) => out.set(all.subarray(t * size, (t + 1) * size));
}

function writeLeafStage(
  op: PartyOp,
  plan: TreePlan,
  fields: TreeFields,
  publicPlanes: PublicPlanes,
  block: Block,
  out: Words,
  carry?: Words,
): void {
  const mark = op.scratch.mark();
  const map = leafMap(plan);
  const { count } = fields;
  const stride = planeWords(block.length);
  const region = new Region(op, map.planes, stride);
  const less = plan.relation === 'less';
  const level = plan.levels[0];
  const tables = fields.leaves.map((field) => sharesOf(op, field, field.planes, count, block));
  const lambda = level && sharesOf(op, fields.levels[0].lambda, level.opened, count, block);
  region.fill(map.first, op.first);
  for (let t = 0; t < count; t++) {
    publicPlanes(block, region.planes(map.c, plan.bits), t);
    let bit = 0;
    plan.leaves.forEach((w, j) => {
      const c = map.c + bit;
      bit += w;
      tables[j](region.planes(map.hot + 1, (1 << w) - 1), 0);
      region.run(
        program(op.ring, plan, LEAF[j], map.planes, (asm) =>
          (less ? emitLeaf : emitEqualLeaf)(asm, w, { ...map, c, lt: map.lt + j, eq: map.eq + j }),
        ),
      );
    });
    if (!level || !lambda || !carry) {
      out.set(region.planes(less ? map.lt : map.eq, 1), t * stride);
      continue;
    }
    lambda(region.planes(map.lambda, level.opened), t);
    region.run(
      program(op.ring, plan, 'link', map.planes, (asm) =>
        emitLink(asm, level, (j) => ({ lt: map.lt + j, eq: map.eq + j }), map),
      ),
    );
    out.set(region.planes(map.masked, level.opened), t * level.opened * stride);
    const kept = blockPlanes(carry, count * level.carries, block);
    kept.set(region.planes(map.carry, level.carries), t * level.carries * stride);
  }
  op.scratch.release(mark);
}

function writeLevelStage(
  op: PartyOp,
  plan: TreePlan,
  fields: TreeFields,
  k: number,
  block: Block,
  delta: Words,
  carry: Words,
  out: Words,
  nextCarry?: Words,
): void {
  const mark = op.scratch.mark();
  const level = plan.levels[k];
  const next = plan.levels[k + 1];
  const map = levelMaps(plan)[k];
  const { count } = fields;
  const stride = planeWords(block.length);
  const region = new Region(op, map.planes, stride);
  const part = (words: Words, planes: number, t: number): Words =>
    blockPlanes(words, count * planes, block).subarray(t * planes * stride, (t + 1) * planes * stride);
  const lambda = sharesOf(op, fields.levels[k].lambda, level.opened, count, block);
  const products = sharesOf(op, fields.levels[k].products, level.products, count, block);
  const nextLambda = next && sharesOf(op, fields.levels[k + 1].lambda, next.opened, count, block);
  region.fill(map.first, op.first);
  const code = program(op.ring, plan, LEVEL[k], map.planes, (asm) => {
    const nodes = emitLevel(asm, level, map);
    if (next)
      emitLink(asm, next, (j) => nodes[j], {
        lambda: map.nextLambda,
        masked: map.nextMasked,
        carry: map.nextCarry,
      });
    else asm.copy(map.result, plan.relation === 'less' ? nodes[0].lt : nodes[0].eq);
  });
  for (let t = 0; t < count; t++) {
    region.planes(map.delta, level.opened).set(part(delta, level.opened, t));
    region.planes(map.carry, level.carries).set(part(carry, level.carries, t));
    lambda(region.planes(map.lambda, level.opened), t);
    products(region.planes(map.products, level.products), t);
    nextLambda?.(region.planes(map.nextLambda, next.opened), t);
    region.run(code);
    if (next && nextCarry) {
      out.set(region.planes(map.nextMasked, next.opened), t * next.opened * stride);
      part(nextCarry, next.carries, t).set(region.planes(map.nextCarry, next.carries));
    } else {
      out.set(region.planes(map.result, 1), t * stride);
    }
  }
  op.scratch.release(mark);
}

/**
 * Dealer half, one block of masks r: deals what comparisons with bits `from`, from + 1, ... of r take, and the bit above
 * them where there is a field for it.
 */
export function dealTree(
  op: DealerOp,
  plan: TreePlan,
  fields: TreeFields,
  r: Words,
  block: Block,
  { from = 0, top }: { readonly from?: number; readonly top?: Field } = {},
): void {
  const mark = op.scratch.mark();
  const stride = planeWords(block.length);
  const bits = plan.bits + (top ? 1 : 0);
  const planes = op.scratch.words(bits * stride);
  op.ring.toPlanes(planes, r, block.length, from, bits);
  dealLeaves(op, plan, fields, planes, block);
  dealLevels(op, plan, fields, block);
  if (top) op.deal(top, planes.subarray(plan.bits * stride), block);
  op.scratch.release(mark);
}

/** Deals the leaf tables of the number whose planes (plan.bits) are `r`. */
function dealLeaves(op: DealerOp, plan: TreePlan, { leaves }: TreeFields, r: Words, block: Block): void {
  const mark = op.scratch.mark();
  const stride = planeWords(block.length);
  const widest = Math.max(...plan.leaves);
  const ones = widest;
  const hot = widest + 1;
  const region = new Region(op, widest + 1 + (1 << widest), stride);
  region.fill(ones, true);
  let bit = 0;
  plan.leaves.forEach((w, j) => {
    region.planes(0, w).set(r.subarray(bit * stride, (bit + w) * stride));
    bit += w;
    region.run(
      program(op.ring, plan, ONE_HOT[w], widest + 1 + (1 << widest), (asm) =>
        emitOneHot(asm, w, { r: 0, hot, ones }),
      ),
    );
    op.deal(leaves[j], region.planes(hot + 1, (1 << w) - 1), block);
  });
  op.scratch.release(mark);
}

/** Deals the mask products of all levels of all comparisons. */
function dealLevels(op: DealerOp, plan: TreePlan, fields: TreeFields, block: Block): void {
  const stride = planeWords(block.length);
  plan.levels.forEach((level, k) => {
    const mark = op.scratch.mark();
    const { lambda, products } = fields.levels[k];
    const masks = op.freeInScratch(lambda, block);
    const dealt = op.scratch.words(products.planes * stride);
    const planes = level.opened + level.products;
    const region = new Region(op, planes, stride);
    const code = program(op.ring, plan, PRODUCTS[k], planes, (asm) =>
      emitProducts(asm, level, { lambda: 0, products: level.opened }),
    );
    for (let t = 0; t < fields.count; t++) {
      const from = t * level.opened * stride;
      region.planes(0, level.opened).set(masks.subarray(from, from + level.opened * stride));
      region.run(code);
      dealt.set(region.planes(level.opened, level.products), t * level.products * stride);
    }
    op.deal(products, dealt, block);
    op.scratch.release(mark);
  });
}
