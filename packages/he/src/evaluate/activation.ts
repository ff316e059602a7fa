import type { Ciphertext, EvaluationKeys, Evaluator } from '@tacit/rlwe';
import type { Activation } from '../network/normalize.js';

/**
 * An activation up to its last product, which has three polynomials: not yet relinearised, not yet rescaled, so that
 * several can be added first.
 * @param evaluator what computes
 * @param u argument of the normal form, with as many levels as the activation takes
 * @param activation what is computed of every slot
 * @param keys for relinearisation
 * @returns a new ciphertext; u stays
 */
export function activate(
  evaluator: Evaluator,
  u: Ciphertext,
  activation: Activation,
  keys: EvaluationKeys,
): Ciphertext {
  if (activation.kind === 'square') return evaluator.square(u);
  const square = evaluator.rescale(evaluator.relinearize(evaluator.square(u), keys));
  const dropped = evaluator.dropLevel(u, square.level);
  if (activation.kind === 'cubic')
    return evaluator.multiply(dropped, evaluator.addConstant(square, activation.p));
  const inner = evaluator.addConstant(square, activation.p / 2);
  const fourth = evaluator.square(inner);
  if (activation.r === 0) return fourth;
  // r u, brought to the scale of the fourth power.
  return evaluator.add(
    fourth,
    evaluator.multiplyConstant(dropped, activation.r, fourth.scale / dropped.scale),
  );
}
