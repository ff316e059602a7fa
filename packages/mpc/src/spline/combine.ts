/** The last, local step of the spline gate: piecewise polynomials from an opened number and opened bits. */
import type { Words } from '@tacit/ring';
import { type Block, blockOf, type Field, planeWords } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import { addProduct, addTerm, taylor } from './polynomial.js';
import type { Piecewise } from './table.js';

/** What the gate's dealer deals for this step: protocols/spline.ts. */
export interface GateFields {
  readonly r: Field;
  /** The mask T of the opened P; where there is none, T = -r. */
  readonly extension: { readonly mask: Field } | undefined;
  /** T^i for i = 2..d. */
  readonly powers: readonly Field[];
  /** beta_j T^i for i = 0..d. */
  readonly products: readonly (readonly Field[])[];
}

/**
 * This party's shares of the functions of P + T for a block.
 * @param functions of the same thresholds, the first of the highest degree
 * @param opened P of the block
 * @param e opened bits, a plane a threshold
 * @param results of all blocks, one a function
 */
export function combine(
  op: PartyOp,
  own: GateFields,
  functions: readonly Piecewise[],
  opened: Words,
  e: Words | undefined,
  block: Block,
  results: readonly Words[],
): void {
  const n = block.length;
  const mark = op.scratch.mark();
  // Twice as fast from wherever they lie in scratch memory.
  const P = op.scratch.words(n);
  P.set(opened);
  const stride = planeWords(n);
  const planes = op.scratch.words(own.products.length * stride);
  if (e) {
    const start = (block.start / 64) * own.products.length;
    planes.set(e.subarray(start, start + planes.length));
  }
  const sums = functions.map(() => op.scratch.words(n));
  const powers: Words[] = [];
  if (functions[0].degree > 0) {
    const T = op.shareInScratch(own.extension ? own.extension.mask : own.r, block);
    if (!own.extension) op.ring.neg(T, T);
    powers.push(T, ...own.powers.map((field) => op.shareInScratch(field, block)));
  }
  const part = { op, P, powers, block };
  functions.forEach((f, i) => {
    firstPiece(part, f, sums[i]);
  });
  const steps = functions[0].degree > 1 ? polynomialSteps : linearSteps;
  own.products.forEach((products, j) => {
    steps(part, products, planes.subarray(j * stride, (j + 1) * stride), functions, j, sums);
  });
  sums.forEach((sum, i) => {
    blockOf(results[i], block).set(sum);
  });
  op.scratch.release(mark);
}

/** What is known of a block: x = P + T, P public, and this party's shares of the powers of T. */
interface Part {
  readonly op: PartyOp;
  readonly P: Words;
  readonly powers: readonly Words[];
  readonly block: Block;
}

function firstPiece({ op, P, powers }: Part, f: Piecewise, sum: Words): void {
  const { ring } = op;
  ring.fill(sum, 0n);
  const mark = op.scratch.mark();
  taylor(ring, f.pieces[0], P).forEach((Q, i) => {
    if (i > 0) addProduct(ring, sum, Q, powers[i - 1]);
    else if (op.first) addTerm(ring, sum, Q);
  });
  op.scratch.release(mark);
}

/** Adds b_j (d_0 + d_1 x) to each sum, from b_j and b_j x, whatever the number of functions. */
function linearSteps(
  { op, P, powers, block }: Part,
  products: readonly Field[],
  e: Words,
  functions: readonly Piecewise[],
  j: number,
  sums: readonly Words[],
): void {
  const { ring, scratch, first } = op;
  const mark = scratch.mark();
  const beta = op.shareInScratch(products[0], block);
  const t = scratch.words(block.length);
  const add = (power: 0 | 1) => {
    functions.forEach((f, i) => {
      const step = f.steps[j][power] ?? 0n;
      if (step !== 0n) ring.addScaled(sums[i], sums[i], step, t);
    });
  };
  if (functions.some((f) => f.steps[j].length > 1)) {
    ring.selectCombine(t, P, e, beta, powers[0], op.shareInScratch(products[1], block), first);
    add(1);
  }
  if (functions.some((f) => f.steps[j][0] !== 0n)) {
    ring.bitCombine(t, e, beta, first);
    add(0);
  }
  scratch.release(mark);
}

/** Adds b_j D_j(x) to each sum. */
function polynomialSteps(
  { op, P, powers, block }: Part,
  products: readonly Field[],
  e: Words,
  functions: readonly Piecewise[],
  j: number,
  sums: readonly Words[],
): void {
  const { ring, scratch } = op;
  const n = block.length;
  const outer = scratch.mark();
  const opposite = scratch.words(n); // all ones where e_j = 1
  ring.fromPlanes(opposite, e, n, 0, 1);
  ring.neg(opposite, opposite);
  functions.forEach((f, i) => {
    const mark = scratch.mark();
    const Q = taylor(ring, f.steps[j], P);
    // D_j(x) itself, and beta_j D_j(x).
    const value = scratch.words(n);
    const product = scratch.words(n);
    const share = scratch.words(n);
    ring.fill(value, 0n);
    ring.fill(product, 0n);
    if (op.first) addTerm(ring, value, Q[0]);
    Q.forEach((term, k) => {
      if (k > 0) addProduct(ring, value, term, powers[k - 1]);
      op.share(products[k], share, block);
      addProduct(ring, product, term, share);
    });
    // e_j = 0: product; e_j = 1: value - product.
    ring.sub(value, value, product);
    ring.sub(value, value, product);
    ring.and(value, value, opposite);
    ring.add(sums[i], sums[i], product);
    ring.add(sums[i], sums[i], value);
    scratch.release(mark);
  });
  scratch.release(outer);
}
