/**
 * Steps of plain training, each in place on one parameter.
 *
 * Sources: Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning" (2013), with
 * momentum as PyTorch has it (v = momentum v + g, w -= lr v); Kingma, Ba, "Adam" (2015), algorithm 1.
 */
import { ArgumentError } from '@tacit/errors';

/** How weights follow their gradients. */
export type FitOptimizer =
  | {
      readonly kind: 'sgd';
      readonly lr: number;
      /** Default 0. */
      readonly momentum?: number;
      /** Multiple of a weight that is added to its gradient. Default 0. */
      readonly weightDecay?: number;
    }
  | {
      readonly kind: 'adam';
      /** Default 0.001. */
      readonly lr?: number;
      /** Default [0.9, 0.999]. */
      readonly betas?: readonly [number, number];
      /** Default 1e-8. */
      readonly eps?: number;
      /** As of SGD. Default 0. */
      readonly weightDecay?: number;
    };

/** Moves one parameter, whose state it keeps; `factor` multiplies the learning rate. */
export type Step = (weights: Float32Array, gradient: Float32Array, factor: number) => void;

/**
 * Steps for one parameter.
 * @param optimizer which, with its constants
 * @param size numbers in the parameter
 * @returns what moves it
 * @throws ArgumentError for constants out of range
 */
export function stepOf(optimizer: FitOptimizer, size: number): Step {
  const { lr = 0.001, weightDecay = 0 } = optimizer;
  if (!(lr > 0 && Number.isFinite(lr))) throw new ArgumentError(`the learning rate is ${lr}`);
  if (!(weightDecay >= 0 && Number.isFinite(weightDecay)))
    throw new ArgumentError(`weightDecay is ${weightDecay}`);
  if (optimizer.kind === 'sgd') return withMomentum(lr, optimizer.momentum ?? 0, weightDecay, size);
  if (optimizer.kind !== 'adam')
    throw new ArgumentError(`an optimizer is of the kind 'sgd' or 'adam', not ${JSON.stringify(optimizer)}`);
  const { betas = [0.9, 0.999], eps = 1e-8 } = optimizer;
  if (!(betas.length === 2 && betas.every(belowOne))) throw new ArgumentError(`betas are ${String(betas)}`);
  if (!(eps > 0)) throw new ArgumentError(`eps is ${eps}`);
  return adam(lr, betas, eps, weightDecay, size);
}

const belowOne = (x: number): boolean => x >= 0 && x < 1;

function withMomentum(lr: number, momentum: number, weightDecay: number, size: number): Step {
  if (!belowOne(momentum)) throw new ArgumentError(`momentum is ${momentum}, not from 0 to below 1`);
  const velocity = new Float32Array(size);
  return (weights, gradient, factor) => {
    for (let i = 0; i < size; i++) {
      velocity[i] = momentum * velocity[i] + gradient[i] + weightDecay * weights[i];
      weights[i] -= lr * factor * velocity[i];
    }
  };
}

function adam(
  lr: number,
  [first, second]: readonly [number, number],
  eps: number,
  weightDecay: number,
  size: number,
): Step {
  const mean = new Float32Array(size);
  const square = new Float32Array(size);
  let steps = 0;
  return (weights, gradient, factor) => {
    steps++;
    const [a, b] = [1 - first ** steps, 1 - second ** steps];
    for (let i = 0; i < size; i++) {
      const g = gradient[i] + weightDecay * weights[i];
      mean[i] = first * mean[i] + (1 - first) * g;
      square[i] = second * square[i] + (1 - second) * g * g;
      weights[i] -= (lr * factor * (mean[i] / a)) / (Math.sqrt(square[i] / b) + eps);
    }
  };
}
