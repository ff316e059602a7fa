/** Cross entropy of two classes, from probabilities. */
import { CrypTensor, type Operand, stack } from '@tacit/tensor';
import { secretOrPlain } from './targets.js';

/**
 * -(t log p + (1 - t) log(1 - p)), both logarithms in the same rounds.
 * @param p probabilities
 * @param target of the same shape
 * @returns the shape of p
 */
export function binaryCrossEntropy(p: CrypTensor, target: Operand): CrypTensor {
  const t = secretOrPlain(p, target);
  const logs = stack([p, p.neg().add(1)]).log();
  const both =
    t instanceof CrypTensor
      ? stack([t, t.neg().add(1)])
      : { dims: [2, ...t.shape], data: Float64Array.of(...t.data, ...t.data.map((v) => 1 - v)) };
  return logs.mul(both).sum(0).neg();
}
