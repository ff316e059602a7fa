/**
 * What operations cost, in units of one number-theoretic transform of one residue polynomial. The shares of products
 * and permutations are estimates; for LeNet-1 the sum is within a tenth of the time that was measured.
 */
import type { StepCosts } from './baby-giant.js';

const PRODUCT = 0.12;
const PERMUTATION = 0.1;

/** Digit decomposition at a level with k primes: k inverse transforms, each lifted to k further primes. */
const decomposition = (k: number): number => k + k * k;
/** Inner product with a key and division by the special prime. */
const keyProduct = (k: number): number => 2 * k * (k + 1) * PRODUCT + 2 * (k + 1);

/** A rotation on its own. */
export const rotationCost = (k: number): number => decomposition(k) + keyProduct(k) + 2 * k * PERMUTATION;
/** One more rotation of something that is decomposed already. */
export const hoistedCost = (k: number): number => keyProduct(k) + k * (k + 1) * PERMUTATION;
export const decompositionCost = decomposition;
export const plainProductCost = (k: number): number => 2 * k * PRODUCT;
export const rescaleCost = (k: number): number => 2 * k;
export const squareCost = (k: number): number => 3 * k * PRODUCT + rotationCost(k) + rescaleCost(k);

export const stepCosts = (k: number, inputs: number, outputs: number): StepCosts => ({
  baby: hoistedCost(k) * inputs,
  giant: rotationCost(k) * outputs,
});
