/** Polynomials with public coefficients on blocks of words mod 2^64, in scratch. */
import type { Ring, Words } from '@tacit/ring';

/** A coefficient that is the same for all elements, or a word an element. */
export type Term = bigint | Words;

/**
 * Taylor coefficients around P: p(P + t) = sum_i Q_i t^i, by repeated Horner steps. Q_d is the constant p_d.
 * Cost: about d^2 passes over the block.
 */
export function taylor(ring: Ring, coefficients: readonly bigint[], P: Words): Term[] {
  const d = coefficients.length - 1;
  if (d === 0) return [coefficients[0]];
  const top = coefficients[d];
  const words = Array.from({ length: d }, () => ring.scratch.words(P.length));
  // P * p_d enters the coefficient below the top at every step.
  const lead = ring.scratch.words(P.length);
  ring.mulScalar(lead, P, top);
  ring.addScalar(words[d - 1], lead, coefficients[d - 1]);
  for (let k = d - 2; k >= 0; k--) {
    ring.mul(words[k], words[k + 1], P);
    ring.addScalar(words[k], words[k], coefficients[k]);
  }
  for (let i = 1; i < d; i++) {
    ring.add(words[d - 1], words[d - 1], lead);
    for (let k = d - 2; k >= i; k--) ring.mulAdd(words[k], words[k + 1], P, words[k]);
  }
  return [...words, top];
}

/** acc += term * x */
export function addProduct(ring: Ring, acc: Words, term: Term, x: Words): void {
  if (typeof term !== 'bigint') {
    ring.mulAdd(acc, term, x, acc);
    return;
  }
  if (term === 0n) return;
  const mark = ring.scratch.mark();
  const t = ring.scratch.words(x.length);
  ring.mulScalar(t, x, term);
  ring.add(acc, acc, t);
  ring.scratch.release(mark);
}

/** acc += term */
export function addTerm(ring: Ring, acc: Words, term: Term): void {
  if (typeof term === 'bigint') ring.addScalar(acc, acc, term);
  else ring.add(acc, acc, term);
}
