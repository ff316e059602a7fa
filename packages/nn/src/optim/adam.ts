/**
 * Adam (Kingma, Ba: "Adam: a method for stochastic optimization", ICLR 2015) in fixed point.
 *
 * Squares of small gradients have no bits beside large ones. So moments are those of G = S g, S a power of two, of which
 * the steps do not depend but for eps. With f fraction bits at rest and values below 2^r (16 and 28), |G| <= 2^(r/2), so
 * that squares fit: S = 2^(r/2 - 5) (2^9) for gradients up to 2^5, and what is larger counts as 2^5. G keeps 2^-25 of g.
 *
 * Moments are kept with the bias taken out, as averages of all gradients so far with weights that sum to 1:
 *
 *     m += (G - m) (1 - b1) / (1 - b1^t)        v += (G^2 - v) (1 - b2) / (1 - b2^t)
 *
 * so they are not smaller than what they are averages of. v keeps the 2 f bits of the products, since its factor is kept
 * to 2^-f; what is added is truncated to f bits, 2^-34 of g^2. The root is that of V = v / 2^d, d = r - 2 (f - 7) (10),
 * which is from 2^-10 to 2^9 for gradients of 2^-14 to 2^5: there 1 / sqrt(V) has at most 2^-10 of itself or 2^-15 of
 * error, which is 2^-10 of a step for gradients up to 2, and 2^-6 near 2^5. Below 2^-14 it stays what it is there: an eps
 * of 2^-14 as it were, and the eps that is asked for has no effect if it is below 2^-24. A larger one is taken as it is,
 * by a root and a quotient.
 */
import { checkOptions } from '@tacit/graph';
import type { CrypTensor } from '@tacit/tensor';
import type { Parameter } from '../parameter.js';
import { knownBelow, sumOf, timesPowerOfTwo } from './fraction-bits.js';
import { type Moved, Optimizer, requireNumber, type Slots } from './optimizer.js';

export interface AdamOptions {
  /** Learning rate. Default 0.001. */
  readonly lr?: number;
  /** What moments keep of what they were, each below 1. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** What is added to the root of the second moment. Default 1e-8; see the class. */
  readonly eps?: number;
  /** Factor of the parameter that is added to its gradient. Default 0. */
  readonly weightDecay?: number;
}

/** Gradients up to 2^TOP are told apart. */
const TOP = 5;
/** Bits of the root of V above 1, less the fraction bits at rest. */
const HEADROOM = 7;
/** An eps below this, of gradients, changes no step by more than 2^-10 of it. */
const LEAST_EPS = 2 ** -24;
const MOST_BETA = 1 - 2 ** -30;

/**
 * Adam, as PyTorch's. Steps are at most 2^-8 of the learning rate off for gradients from 2^-14 to 2^3, and 2^-6 to 2^5;
 * larger ones count as 2^5, and for smaller ones steps become smaller, as with an eps of 2^-14. An eps above 2^-24 (6e-8) is
 * taken as it is, in about twice the rounds and bytes, and steps are at most 2^-8 of the learning rate off for all
 * gradients from 2^-14 to 2^5. All that at 16 fraction bits. Rounds: those of a ReLU, three, and those of `invSqrt`.
 */
export class Adam extends Optimizer {
  readonly #options: Required<Omit<AdamOptions, 'lr'>>;

  /**
   * Adam.
   * @param parameters parameters, as of `model.parameters()`
   * @param options learning rate, betas, eps, weight decay
   * @throws ArgumentError for numbers out of range, and for options that do not exist
   * @example const optimizer = new nn.optim.Adam(model.parameters(), { lr: 0.01 });
   */
  constructor(parameters: Iterable<Parameter>, options: AdamOptions = {}) {
    checkOptions('Adam', options, ['lr', 'betas', 'eps', 'weightDecay']);
    const { lr = 0.001, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = options;
    super(parameters, lr);
    const [first, second] = Array.isArray(betas) && betas.length === 2 ? betas : [Number.NaN, Number.NaN];
    requireNumber('the first of two betas', first, 0, MOST_BETA);
    requireNumber('the second of two betas', second, 0, MOST_BETA);
    requireNumber('eps', eps, 0);
    requireNumber('weightDecay', weightDecay, 0);
    this.#options = { betas: [first, second], eps, weightDecay };
  }

  override get kind(): string {
    return 'Adam';
  }

  protected override move(value: CrypTensor, grad: CrypTensor, slots: Readonly<Slots>, count: number): Moved {
    const { betas, eps, weightDecay } = this.#options;
    const { fractionBits, range } = value.context.precision;
    const half = Math.floor(range / 2);
    const gradient = weightDecay === 0 ? grad : sumOf(grad, value.mul(weightDecay));
    const scaled = timesPowerOfTwo(gradient, half - TOP).clip(-(2 ** half), 2 ** half);
    const [toMean, toSquare] = betas.map((beta) => (1 - beta) / (1 - beta ** count));
    const mean = knownBelow(average(slots.mean, scaled, toMean), half);
    // On the grid of values at rest, so that the average has no more bits than the square.
    const part = Math.max(1, Math.round(toSquare * 2 ** fractionBits)) / 2 ** fractionBits;
    const square = knownBelow(average(slots.square, scaled.square(), part), 2 * half);
    const step = eps > LEAST_EPS ? byQuotient(mean, square, eps * 2 ** (half - TOP)) : byRoot(mean, square);
    return { value: sumOf(value, step.by.mul(-this.lr * step.scale)), slots: { mean, square } };
  }

  protected override slotNames(count: number): readonly string[] {
    return count > 0 ? ['mean', 'square'] : [];
  }
}

/** An average that moves towards x by a part of the way. */
function average(before: CrypTensor | undefined, x: CrypTensor, part: number): CrypTensor {
  if (!before || part >= 1) return x;
  return sumOf(before, x.sub(before).mul(part));
}

/** A step is `by` times `scale` times the learning rate. */
interface Step {
  readonly by: CrypTensor;
  readonly scale: number;
}

function byRoot(mean: CrypTensor, square: CrypTensor): Step {
  const { fractionBits, range } = mean.context.precision;
  const shift = Math.max(0, Math.ceil((range - 2 * (fractionBits - HEADROOM)) / 2));
  const inverse = timesPowerOfTwo(square, -2 * shift).invSqrt();
  return { by: mean.mul(inverse), scale: 2 ** -shift };
}

function byQuotient(mean: CrypTensor, square: CrypTensor, eps: number): Step {
  return { by: mean.div(square.sqrt().add(eps)), scale: 1 };
}
