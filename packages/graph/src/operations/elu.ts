/** x where it is positive, alpha (exp(x) - 1) elsewhere. Clevert, Unterthiner, Hochreiter: ICLR 2016. */
import { ArgumentError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { at } from '../shape/dims.js';

interface EluAttributes {
  readonly alpha: number;
  /** Of the result. */
  readonly gamma: number;
}

/** Klambauer, Unterthiner, Mayr, Hochreiter: "Self-Normalizing Neural Networks", 2017. */
const SELU = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 };

export const definition: OperationDefinition<'Elu', EluAttributes> = {
  op: 'Elu',
  summary: 'gamma (x > 0 ? x : alpha (exp(x) - 1))',
  attributes: { alpha: 'number', gamma: 'number' },
  arity: [1, 1],
  infer: (inputs) => [at(inputs, 0)],
  evaluate: ([x], { alpha, gamma }) => [map(x, (v) => gamma * (v > 0 ? v : alpha * Math.expm1(v)))],
  // exp(min(x, 0)) - 1 is 0 where x is positive.
  expand(k, [x], { alpha, gamma }) {
    const positive = k.relu(x);
    const below = k.sub(k.exp(k.sub(x, positive)), 1);
    return [k.add(gamma === 1 ? positive : k.mul(positive, gamma), k.mul(below, alpha * gamma))];
  },
  gradient(k, { inputs: [x], dy: [dy], attributes: { alpha, gamma } }) {
    const positive = k.greater(x, 0);
    const power = k.exp(k.sub(x, k.relu(x)));
    const slope = k.add(k.mul(positive, gamma), k.mul(k.mul(k.sub(1, positive), power), alpha * gamma));
    return [k.mul(slope, dy)];
  },
  examples: [
    { shapes: [[2, 3]], attributes: { alpha: 1, gamma: 1 } },
    { shapes: [[4]], attributes: { alpha: 0.5, gamma: 1 } },
    { shapes: [[]], attributes: { alpha: 2, gamma: 1 } },
    { shapes: [[0]], attributes: { alpha: 1, gamma: 1 } },
  ],
};

export const methods = {
  /**
   * x where it is positive, alpha (exp(x) - 1) elsewhere. Rounds: those of a ReLU and of `exp`.
   * @param alpha default 1
   * @returns the shape of x
   * @throws ArgumentError for an alpha that is not a number
   */
  elu: (_x: unknown, alpha = 1) => {
    if (!Number.isFinite(alpha)) throw new ArgumentError(`elu: an alpha of ${alpha}`);
    return { attributes: { alpha, gamma: 1 } };
  },

  /**
   * The scaled exponential linear unit of self-normalising networks. Rounds: as `elu`.
   * @returns the shape of x
   */
  selu: () => ({ attributes: SELU }),
};
