/** Stochastic gradient descent. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import type { CrypTensor } from '@tacit/tensor';
import type { Parameter } from '../parameter.js';
import { sumOf } from './fraction-bits.js';
import { type Moved, Optimizer, requireNumber, type Slots } from './optimizer.js';

export interface SGDOptions {
  /** Learning rate. */
  readonly lr: number;
  /** Part of the last step that is kept. Default 0. */
  readonly momentum?: number;
  /** Part of the gradient that momentum leaves out. Default 0. */
  readonly dampening?: number;
  /** Factor of the parameter that is added to its gradient. Default 0. */
  readonly weightDecay?: number;
  /** Nesterov's momentum. Default false. */
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent, with momentum as PyTorch's: v = momentum v + (1 - dampening) g, w = w - lr v, the first v
 * being g. Two truncations, and one more with momentum. Weights keep the fraction bits of products (34), so that steps
 * far below 2^-16 add up.
 */
export class SGD extends Optimizer {
  readonly #options: Required<Omit<SGDOptions, 'lr'>>;

  /**
   * Gradient descent.
   * @param parameters parameters, as of `model.parameters()`
   * @param options learning rate, momentum, dampening, weight decay
   * @throws ArgumentError for numbers out of range, options that do not exist, Nesterov's momentum without momentum or with
   * dampening
   * @example const optimizer = new nn.optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
   */
  constructor(parameters: Iterable<Parameter>, options: SGDOptions) {
    checkOptions('SGD', options, ['lr', 'momentum', 'dampening', 'weightDecay', 'nesterov']);
    const { lr, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } = options ?? {};
    super(parameters, lr);
    requireNumber('momentum', momentum, 0, 1);
    requireNumber('dampening', dampening, 0, 1);
    requireNumber('weightDecay', weightDecay, 0);
    if (typeof nesterov !== 'boolean')
      throw new ArgumentError(`nesterov is true or false, not ${String(nesterov)}`);
    if (nesterov && (momentum === 0 || dampening !== 0))
      throw new ArgumentError("Nesterov's momentum needs a momentum and no dampening");
    this.#options = { momentum, dampening, weightDecay, nesterov };
  }

  override get kind(): string {
    return 'SGD';
  }

  protected override move(value: CrypTensor, grad: CrypTensor, slots: Readonly<Slots>): Moved {
    const { momentum, dampening, weightDecay, nesterov } = this.#options;
    const gradient = weightDecay === 0 ? grad : sumOf(grad, value.mul(weightDecay));
    if (momentum === 0) return { value: sumOf(value, gradient.mul(-this.lr)), slots: {} };
    const velocity = slots.velocity
      ? sumOf(slots.velocity.mul(momentum), dampening === 0 ? gradient : gradient.mul(1 - dampening))
      : gradient.clone();
    const direction = nesterov ? sumOf(gradient, velocity.mul(momentum)) : velocity;
    return { value: sumOf(value, direction.mul(-this.lr)), slots: { velocity } };
  }

  protected override slotNames(count: number): readonly string[] {
    return count > 0 && this.#options.momentum !== 0 ? ['velocity'] : [];
  }
}
