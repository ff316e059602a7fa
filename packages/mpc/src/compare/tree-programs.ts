/**
 * Bit-plane programs of the comparison tree: straight-line code over planes (bit j of many elements), run by the
 * ring's bit-program kernel. A party's programs and the dealer's stand side by side; `trees/tree-plan.ts` has the formulas.
 *
 * Every table is folded in place, so a program's working set is its inputs.
 */

import { eqVariable, ltVariable, ltVariables, type TreeLevel, type TreeNode } from '../trees/tree-plan.js';
import type { PlaneAssembler } from './plane-assembler.js';

/** The planes of a child that a level consumes. */
interface ChildPlanes {
  readonly lt: number;
  readonly eq: number;
}

/**
 * Leaf of width w: planes `c` (w of them), the dealt one-hot shares `hot` (entry v of 1..2^w-1 at hot + v; entry 0 is
 * free room), `suffix` (2^(w-1) planes of room) and `temp` in; lt and eq out.
 *
 *     lt = XOR_{v > C} H[v]          eq = H[C],   H[0] = 1 ^ XOR_{v>0} H[v]
 */
export function emitLeaf(
  asm: PlaneAssembler,
  w: number,
  at: { c: number; hot: number; suffix: number; temp: number; first: number; lt: number; eq: number },
): void {
  const size = 1 << w;
  // suffix[u] = XOR_{v > 2u} H[v], from the top down; H[0] follows from the last of them.
  const top = size / 2 - 1;
  asm.copy(at.suffix + top, at.hot + size - 1);
  for (let u = top - 1; u >= 0; u--)
    asm.xor3(at.suffix + u, at.suffix + u + 1, at.hot + 2 * u + 2, at.hot + 2 * u + 1);
  asm.xor(at.hot, at.first, at.suffix);
  // lt: bit 0 removes H[2u+1] where it is set; the other bits choose among the suffix sums.
  for (let u = 0; u <= top; u++) asm.andXor(at.suffix + u, at.c, at.hot + 2 * u + 1, at.suffix + u);
  for (let bit = w - 1, half = size / 4; bit >= 1; bit--, half /= 2)
    emitFold(asm, at.suffix, half, at.c + bit, at.temp);
  asm.copy(at.lt, at.suffix);
  for (let bit = w - 1, half = size / 2; bit >= 0; bit--, half /= 2)
    emitFold(asm, at.hot, half, at.c + bit, at.temp);
  asm.copy(at.eq, at.hot);
}

/** Leaf of a tree for equality: eq only, see emitLeaf. */
export function emitEqualLeaf(
  asm: PlaneAssembler,
  w: number,
  at: { c: number; hot: number; temp: number; first: number; eq: number },
): void {
  const size = 1 << w;
  asm.copy(at.hot, at.first);
  for (let v = 1; v + 1 < size; v += 2) asm.xor3(at.hot, at.hot, at.hot + v, at.hot + v + 1);
  asm.xor(at.hot, at.hot, at.hot + size - 1);
  for (let bit = w - 1, half = size / 2; bit >= 0; bit--, half /= 2)
    emitFold(asm, at.hot, half, at.c + bit, at.temp);
  asm.copy(at.eq, at.hot);
}

/** table[v] = bit ? table[v + half] : table[v], for v < half. */
function emitFold(asm: PlaneAssembler, table: number, half: number, bit: number, temp: number): void {
  for (let v = 0; v < half; v++) {
    asm.xor(temp, table + v, table + v + half);
    asm.andXor(table + v, bit, temp, table + v);
  }
}

/** Masks the variables of `level` for their opening (out = share ^ lambda) and copies what is carried past it. */
export function emitLink(
  asm: PlaneAssembler,
  level: TreeLevel,
  child: (index: number) => ChildPlanes,
  at: { lambda: number; masked: number; carry: number },
): void {
  for (const node of level.nodes) {
    const open = (variable: number, plane: number) => {
      const v = node.firstVariable + variable;
      asm.xor(at.masked + v, plane, at.lambda + v);
    };
    const topChild = child(node.firstChild + node.arity - 1);
    if (node.relation === 'less') asm.copy(at.carry + node.firstCarry, topChild.lt);
    if (node.arity === 1 && node.needsEq)
      asm.copy(at.carry + node.firstCarry + node.carries - 1, topChild.eq);
    if (node.arity === 1) continue;
    for (let j = 0; j < ltVariables(node); j++) open(ltVariable(node, j), child(node.firstChild + j).lt);
    for (let j = node.needsEq ? 0 : 1; j < node.arity; j++)
      open(eqVariable(node, j), child(node.firstChild + j).eq);
  }
}

/**
 * Evaluates a level: opened variables `delta`, own shares of masks `lambda` and of mask products `products` (both are
 * overwritten), `carry`, and `first` (all ones at party 0, zeros elsewhere). Returns where each node left lt and eq.
 */
export function emitLevel(
  asm: PlaneAssembler,
  level: TreeLevel,
  at: { delta: number; lambda: number; products: number; carry: number; first: number },
): ChildPlanes[] {
  return level.nodes.map((node) => {
    const carry = at.carry + node.firstCarry;
    if (node.arity === 1) return { lt: carry, eq: carry + node.carries - 1 };
    return emitNode(asm, node, { ...at, carry });
  });
}

function emitNode(
  asm: PlaneAssembler,
  node: TreeNode,
  at: { delta: number; lambda: number; products: number; carry: number; first: number },
): ChildPlanes {
  const delta = (variable: number) => at.delta + node.firstVariable + variable;
  const indexOf = new Map(node.products.map((set, i) => [set, at.products + node.firstProduct + i]));
  /** The plane with this party's share of the product of the masks in `set`. */
  const share = (set: number): number => {
    if (set === 0) return at.first;
    if ((set & (set - 1)) === 0) return at.lambda + node.firstVariable + Math.log2(set);
    const plane = indexOf.get(set);
    if (plane === undefined) throw new Error(`comparison tree: product ${set} was not planned`);
    return plane;
  };
  const a = node.arity;
  const eqSets = (from: number) => subsets(node, from, a);
  const eqBit = (j: number) => 1 << eqVariable(node, j);

  // Term j after lt[j] is folded: a table over the subsets of {eq[j+1..a-1]}, in the planes of its own products.
  for (let j = 0; j < ltVariables(node); j++) {
    const lt = 1 << ltVariable(node, j);
    for (const s of eqSets(j + 1))
      asm.andXor(share(s | lt), delta(ltVariable(node, j)), share(s), share(s | lt));
  }
  let eq = -1;
  if (node.needsEq) {
    const eq0 = eqBit(0);
    for (const s of eqSets(1))
      asm.andXor(share(s | eq0), delta(eqVariable(node, 0)), share(s), share(s | eq0));
    for (let j = 1; j < a; j++)
      for (const s of eqSets(j + 1))
        asm.andXor(share(s | eq0), delta(eqVariable(node, j)), share(s | eq0), share(s | eq0 | eqBit(j)));
    eq = share(eq0);
  }
  if (node.relation === 'equal') return { lt: -1, eq };
  // Horner along the terms: fold eq[j+1] out of the running table, then add the next term's table to it.
  const lt0 = 1 << ltVariable(node, 0);
  for (let j = 1; j < a; j++) {
    const folded = eqBit(j);
    for (const s of eqSets(j + 1)) {
      asm.andXor(share(s | lt0), delta(eqVariable(node, j)), share(s | lt0), share(s | lt0 | folded));
      if (j < a - 1) asm.xor(share(s | lt0), share(s | lt0), share(s | (1 << ltVariable(node, j))));
    }
  }
  asm.xor(share(lt0), share(lt0), at.carry);
  return { lt: share(lt0), eq };
}

/** All subsets of {eq[from..a-1]} as variable sets. */
function subsets(node: TreeNode, from: number, a: number): number[] {
  let all = [0];
  for (let j = from; j < a; j++) all = all.concat(all.map((s) => s | (1 << eqVariable(node, j))));
  return all;
}

/** Dealer: the one-hot table of w planes `r` (r = 0..2^w-1 -> plane hot + v); hot[0] is computed but never dealt. */
export function emitOneHot(
  asm: PlaneAssembler,
  w: number,
  at: { r: number; hot: number; ones: number },
): void {
  asm.copy(at.hot, at.ones);
  for (let bit = 0, size = 1; bit < w; bit++, size *= 2)
    for (let v = 0; v < size; v++) {
      asm.and(at.hot + size + v, at.hot + v, at.r + bit);
      asm.xor(at.hot + v, at.hot + v, at.hot + size + v);
    }
}

/** Dealer: all mask products of a level from the masks. */
export function emitProducts(
  asm: PlaneAssembler,
  level: TreeLevel,
  at: { lambda: number; products: number },
): void {
  for (const node of level.nodes) {
    const planeOf = new Map<number, number>();
    for (let v = 0; v < node.variables; v++) planeOf.set(1 << v, at.lambda + node.firstVariable + v);
    node.products.forEach((set, i) => {
      const low = set & -set;
      const rest = planeOf.get(set ^ low);
      const one = planeOf.get(low);
      if (rest === undefined || one === undefined)
        throw new Error(`comparison tree: product ${set} has no factors`);
      const plane = at.products + node.firstProduct + i;
      asm.and(plane, rest, one);
      planeOf.set(set, plane);
    });
  }
}
