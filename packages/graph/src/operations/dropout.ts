/** What training drops at random: outside of training, and wherever an evaluator does not know of it, x itself. */
import { ArgumentError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';

interface DropoutAttributes {
  /** Probability of an element to be dropped. */
  readonly ratio: number;
}

export const definition: OperationDefinition<'Dropout', DropoutAttributes> = {
  op: 'Dropout',
  summary: 'x; elements dropped at random in training',
  attributes: { ratio: 'number' },
  arity: [1, 1],
  monotone: true,
  infer([x], { ratio }) {
    if (!(ratio >= 0 && ratio <= 1)) throw new ArgumentError(`a ratio of ${ratio}`);
    return [x];
  },
  evaluate: ([x]) => [x],
  expand: (k, [x]) => [k.reshape(x, { shape: [...k.shapeOf(x)], allowZero: true })],
  examples: [
    { shapes: [[2, 3]], attributes: { ratio: 0.5 } },
    { shapes: [[]], attributes: { ratio: 0 } },
    { shapes: [[0, 2]], attributes: { ratio: 1 } },
  ],
};
