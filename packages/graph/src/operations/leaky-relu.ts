/** x where it is positive, alpha x elsewhere. Maas, Hannun, Ng: "Rectifier Nonlinearities", 2013. */
import { ArgumentError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { at } from '../shape/dims.js';

interface LeakyReluAttributes {
  readonly alpha: number;
}

export const definition: OperationDefinition<'LeakyRelu', LeakyReluAttributes> = {
  op: 'LeakyRelu',
  summary: 'x > 0 ? x : alpha x',
  attributes: { alpha: 'number' },
  arity: [1, 1],
  infer: (inputs) => [at(inputs, 0)],
  evaluate: ([x], { alpha }) => [map(x, (v) => (v > 0 ? v : alpha * v))],
  expand: (k, [x], { alpha }) => [k.add(k.mul(k.relu(x), 1 - alpha), k.mul(x, alpha))],
  gradient: (k, { inputs: [x], dy: [dy], attributes: { alpha } }) => [
    k.mul(k.add(k.mul(k.greater(x, 0), 1 - alpha), alpha), dy),
  ],
  onnx: { name: 'LeakyRelu', attributes: { alpha: ['alpha', 0.01] } },
  examples: [
    { shapes: [[2, 3]], attributes: { alpha: 0.01 } },
    { shapes: [[4]], attributes: { alpha: -0.5 } },
    { shapes: [[]], attributes: { alpha: 2 } },
    { shapes: [[0]], attributes: { alpha: 1 } },
    { shapes: [[3]], attributes: { alpha: 0 } },
  ],
};

export const methods = {
  /**
   * x where it is positive, `slope` x elsewhere. Rounds: those of a ReLU, and a truncation.
   * @param slope default 0.01
   * @returns the shape of x
   * @throws ArgumentError for a slope that is not a number
   * @example x.leakyRelu(0.2)
   */
  leakyRelu: (_x: unknown, slope = 0.01) => {
    if (!Number.isFinite(slope)) throw new ArgumentError(`leakyRelu: a slope of ${slope}`);
    return { attributes: { alpha: slope } };
  },
};
