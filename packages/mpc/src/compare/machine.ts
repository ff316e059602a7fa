/**
 * Runs a comparison tree over blocks of bit planes: u = [c < r], c public, r known to the dealer. Party half and dealer
 * half side by side; formulas in tree.ts, code in programs.ts. Rounds: one a level.
 */
import type { BitProgram, Ring, Words } from '@tacit/ring';
import type { DealerOp } from '../dealer/dealer-op.js';
import { type Block, type Field, type Layout, planeFieldWords, planeWords } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import { PlaneAssembler } from './assembler.js';
import { emitLeaf, emitLevel, emitLink, emitOneHot, emitProducts } from './programs.js';
import type { TreeLevel, TreePlan } from './tree.js';

/** The random fields of one comparison. Thresholds on the same opening share leaves, never anything else. */
export interface TreeFields {
  readonly leaves: readonly Field[];
  readonly levels: readonly LevelFields[];
}

interface LevelFields {
  readonly lambda: Field;
  readonly products: Field;
}

export const leafFields = (layout: Layout, plan: TreePlan): Field[] =>
  plan.leaves.map((w, j) => layout.planes(`leaf ${j}`, (1 << w) - 1));

export const levelFields = (layout: Layout, plan: TreePlan, suffix = ''): LevelFields[] =>
  plan.levels.map((level, k) => ({
    lambda: layout.freePlanes(`lambda ${k}${suffix}`, level.opened),
    products: layout.planes(`products ${k}${suffix}`, level.products),
  }));

export const treeFields = (layout: Layout, plan: TreePlan): TreeFields => ({
  leaves: leafFields(layout, plan),
  levels: levelFields(layout, plan),
});

/** Writes the planes of the public number (plan.bits of them) of a block. */
export type PublicPlanes = (block: Block, planes: Words) => void;
/** Writes one plane of shares of a block. Works in scratch; call it while producing the next opening. */
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
  let plans = compiled.get(ring);
  if (!plans) {
    plans = new Map();
    compiled.set(ring, plans);
  }
  let programs = plans.get(plan);
  if (!programs) {
    programs = new Map();
    plans.set(plan, programs);
  }
  let known = programs.get(name);
  if (!known) {
    const asm = new PlaneAssembler();
    emit(asm);
    known = asm.assemble(ring, planes);
    programs.set(name, known);
  }
  return known;
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
  return (plan) => {
    let value = known.get(plan);
    if (value === undefined) {
      value = f(plan);
      known.set(plan, value);
    }
    return value;
  };
}

/** Where things are in the region of the leaf stage. */
const leafMap = memo((plan: TreePlan) => {
  const widest = Math.max(...plan.leaves);
  const level = plan.levels[0];
  let at = 0;
  const take = (planes: number) => {
    const start = at;
    at += planes;
    return start;
  };
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
    planes: at,
  };
});

/** Where things are in the region of the evaluation of level k. */
/** `next` belongs to the same plan as `level`. */
const levelMaps = memo((plan: TreePlan) => plan.levels.map((level, k) => levelMap(level, plan.levels[k + 1])));

function levelMap(level: TreeLevel, next: TreeLevel | undefined) {
  let at = 0;
  const take = (planes: number) => {
    const start = at;
    at += planes;
    return start;
  };
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
    planes: at,
  };
}

/**
 * Party half: runs all openings of the tree and returns the writer of this party's share of u, to be called for each
 * block inside the opening that follows (so the last level costs no round of its own). `name` keys the openings.
 */
export async function compareWithMask(
  op: PartyOp,
  plan: TreePlan,
  fields: TreeFields,
  publicPlanes: PublicPlanes,
  name = 't',
): Promise<PlaneWriter> {
  await op.dealt();
  if (plan.levels.length === 0) return (block, out) => writeLeafStage(op, plan, fields, publicPlanes, block, out);

  let carry: Words = op.pool.take(planeFieldWords(plan.levels[0].carries, op.n));
  let delta = await op.openPlanes(`${name}0`, plan.levels[0].opened, (block, out) =>
    writeLeafStage(op, plan, fields, publicPlanes, block, out, carry),
  );
  for (let k = 0; k + 1 < plan.levels.length; k++) {
    const next = plan.levels[k + 1];
    const nextCarry = op.pool.take(planeFieldWords(next.carries, op.n));
    const opened = await op.openPlanes(`${name}${k + 1}`, next.opened, (block, out) =>
      writeLevelStage(op, plan, fields, k, block, delta, carry, out, nextCarry),
    );
    op.pool.give(delta);
    op.pool.give(carry);
    delta = opened;
    carry = nextCarry;
  }
  return (block, out) => writeLevelStage(op, plan, fields, plan.levels.length - 1, block, delta, carry, out);
}

const blockPlanes = (words: Words, planes: number, block: Block): Words => {
  const from = (block.start / 64) * planes;
  return words.subarray(from, from + planes * planeWords(block.length));
};

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
  const region = new Region(op, map.planes, planeWords(block.length));
  publicPlanes(block, region.planes(map.c, plan.bits));
  region.fill(map.first, op.first);
  let bit = 0;
  plan.leaves.forEach((w, j) => {
    const c = map.c + bit;
    bit += w;
    op.share(fields.leaves[j], region.planes(map.hot + 1, (1 << w) - 1), block);
    region.run(
      program(op.ring, plan, LEAF[j], map.planes, (asm) =>
        emitLeaf(asm, w, { ...map, c, lt: map.lt + j, eq: map.eq + j }),
      ),
    );
  });
  const level = plan.levels[0];
  if (!level || !carry) {
    out.set(region.planes(map.lt, 1));
  } else {
    op.share(fields.levels[0].lambda, region.planes(map.lambda, level.opened), block);
    region.run(
      program(op.ring, plan, 'link', map.planes, (asm) =>
        emitLink(asm, level, (j) => ({ lt: map.lt + j, eq: map.eq + j }), map),
      ),
    );
    out.set(region.planes(map.masked, level.opened));
    blockPlanes(carry, level.carries, block).set(region.planes(map.carry, level.carries));
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
  const region = new Region(op, map.planes, planeWords(block.length));
  region.planes(map.delta, level.opened).set(blockPlanes(delta, level.opened, block));
  region.planes(map.carry, level.carries).set(blockPlanes(carry, level.carries, block));
  op.share(fields.levels[k].lambda, region.planes(map.lambda, level.opened), block);
  op.share(fields.levels[k].products, region.planes(map.products, level.products), block);
  region.fill(map.first, op.first);
  if (next) op.share(fields.levels[k + 1].lambda, region.planes(map.nextLambda, next.opened), block);
  region.run(
    program(op.ring, plan, LEVEL[k], map.planes, (asm) => {
      const nodes = emitLevel(asm, level, map);
      if (next)
        emitLink(asm, next, (j) => nodes[j], { lambda: map.nextLambda, masked: map.nextMasked, carry: map.nextCarry });
      else asm.copy(map.result, nodes[0].lt);
    }),
  );
  if (next && nextCarry) {
    out.set(region.planes(map.nextMasked, next.opened));
    blockPlanes(nextCarry, next.carries, block).set(region.planes(map.nextCarry, next.carries));
  } else {
    out.set(region.planes(map.result, 1));
  }
  op.scratch.release(mark);
}

/** Dealer half, one block: deals the leaf tables of the number whose planes (plan.bits) are `r`. */
export function dealLeaves(op: DealerOp, plan: TreePlan, leaves: readonly Field[], r: Words, block: Block): void {
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
    region.run(program(op.ring, plan, ONE_HOT[w], widest + 1 + (1 << widest), (asm) => emitOneHot(asm, w, { r: 0, hot, ones })));
    op.deal(leaves[j], region.planes(hot + 1, (1 << w) - 1), block);
  });
  op.scratch.release(mark);
}

/** Dealer half, one block: deals the mask products of all levels. */
export function dealLevels(op: DealerOp, plan: TreePlan, fields: readonly LevelFields[], block: Block): void {
  plan.levels.forEach((level, k) => {
    const mark = op.scratch.mark();
    const planes = level.opened + level.products;
    const region = new Region(op, planes, planeWords(block.length));
    op.free(fields[k].lambda, region.planes(0, level.opened), block);
    region.run(
      program(op.ring, plan, PRODUCTS[k], planes, (asm) =>
        emitProducts(asm, level, { lambda: 0, products: level.opened }),
      ),
    );
    op.deal(fields[k].products, region.planes(level.opened, level.products), block);
    op.scratch.release(mark);
  });
}
