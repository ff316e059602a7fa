/** Functions of each element as modules. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import { type CrypTensor, tidy } from '@tacit/tensor';
import { gelu } from '../export/module-nodes.js';
import type { OnnxDraft, OnnxValue } from '../export/onnx-draft.js';
import { Module } from '../module.js';
import { loneArgument, requireReal } from './sizes.js';

/** max(x, 0). */
export class ReLU extends Module {
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return [draft.add('Relu', [x])];
  }
  override forward(x: CrypTensor): CrypTensor {
    return x.relu();
  }
}

/** x bounded by 0 and 6. */
export class ReLU6 extends Module {
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return [draft.add('Clip', [x, draft.floats(0), draft.floats(6)])];
  }
  override forward(x: CrypTensor): CrypTensor {
    return x.relu6();
  }
}

/** x where it is positive, `negativeSlope` x elsewhere. */
export class LeakyReLU extends Module {
  readonly negativeSlope: number;

  /**
   * A ReLU with a slope below 0.
   * @param negativeSlope slope; default 0.01
   * @throws ArgumentError for a slope that is not a number
   * @example new nn.LeakyReLU(0.2)
   */
  constructor(negativeSlope: number | { readonly negativeSlope?: number } = 0.01) {
    super();
    const slope = loneArgument('LeakyReLU', negativeSlope, 'negativeSlope', 0.01);
    this.negativeSlope = requireReal('LeakyReLU', 'negativeSlope', slope);
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return [draft.add('LeakyRelu', [x], { alpha: { f: this.negativeSlope } })];
  }
  override forward(x: CrypTensor): CrypTensor {
    return x.leakyRelu(this.negativeSlope);
  }
}

/** x where it is positive, alpha (exp(x) - 1) elsewhere. */
export class ELU extends Module {
  readonly alpha: number;

  /**
   * An exponential linear unit.
   * @param alpha default 1
   * @throws ArgumentError for an alpha that is not a number
   * @example new nn.ELU(0.5)
   */
  constructor(alpha: number | { readonly alpha?: number } = 1) {
    super();
    this.alpha = requireReal('ELU', 'alpha', loneArgument('ELU', alpha, 'alpha', 1));
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return [draft.add('Elu', [x], { alpha: { f: this.alpha } })];
  }
  override forward(x: CrypTensor): CrypTensor {
    return x.elu(this.alpha);
  }
}

/** The scaled exponential linear unit of self-normalising networks. */
export class SELU extends Module {
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return [draft.add('Selu', [x])];
  }
  override forward(x: CrypTensor): CrypTensor {
    return x.selu();
  }
}

/** x times the normal distribution function. */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh';

  /**
   * A Gaussian error linear unit.
   * @param options `approximate`: 'none' (default) for the exact function, 'tanh' for the approximation of that name
   * @throws ArgumentError for another approximation, and options that do not exist
   * @example new nn.GELU({ approximate: 'tanh' })
   */
  constructor(options: { readonly approximate?: 'none' | 'tanh' } = {}) {
    super();
    checkOptions('GELU', options, ['approximate']);
    const { approximate = 'none' } = options;
    if (approximate !== 'none' && approximate !== 'tanh')
      throw new ArgumentError(`GELU: approximate is 'none' or 'tanh', not ${JSON.stringify(approximate)}`);
    this.approximate = approximate;
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return [gelu(draft, x, this.approximate)];
  }
  override forward(x: CrypTensor): CrypTensor {
    return x.gelu({ approximate: this.approximate });
  }
}

/** x times its sigmoid. */
export class SiLU extends Module {
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return [draft.add('Mul', [x, draft.add('Sigmoid', [x])])];
  }
  override forward(x: CrypTensor): CrypTensor {
    return x.silu();
  }
}

/** x bounded by two numbers. */
export class Hardtanh extends Module {
  /**
   * Bounds.
   * @param min default -1
   * @param max default 1
   * @throws ArgumentError where they are not numbers, or min is not below max
   * @example new nn.Hardtanh(-2, 2)
   */
  constructor(
    readonly min = -1,
    readonly max = 1,
  ) {
    super();
    requireReal('Hardtanh', 'min', min);
    requireReal('Hardtanh', 'max', max);
    if (min >= max) throw new ArgumentError(`Hardtanh: min is ${min} and max ${max}`);
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return [draft.add('Clip', [x, draft.floats(this.min), draft.floats(this.max)])];
  }
  override forward(x: CrypTensor): CrypTensor {
    return x.hardtanh(this.min, this.max);
  }
}

/** 1 / (1 + exp(-x)). */
export class Sigmoid extends Module {
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return [draft.add('Sigmoid', [x])];
  }
  override forward(x: CrypTensor): CrypTensor {
    return x.sigmoid();
  }
}

/** The hyperbolic tangent. */
export class Tanh extends Module {
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return [draft.add('Tanh', [x])];
  }
  override forward(x: CrypTensor): CrypTensor {
    return x.tanh();
  }
}

/** log(1 + exp(beta x)) / beta. */
export class Softplus extends Module {
  readonly beta: number;

  /**
   * A smooth ReLU.
   * @param beta how sharp it bends; default 1
   * @throws ArgumentError for a beta that is not a positive number
   * @example new nn.Softplus()
   */
  constructor(beta: number | { readonly beta?: number } = 1) {
    super();
    this.beta = requireReal('Softplus', 'beta', loneArgument('Softplus', beta, 'beta', 1), Number.MIN_VALUE);
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    if (this.beta === 1) return [draft.add('Softplus', [x])];
    const y = draft.add('Softplus', [draft.add('Mul', [x, draft.floats(this.beta)])]);
    return [draft.add('Mul', [y, draft.floats(1 / this.beta)])];
  }
  override forward(x: CrypTensor): CrypTensor {
    const { beta } = this;
    if (beta === 1) return x.softplus();
    return tidy(x.context, () =>
      x
        .mul(beta)
        .softplus()
        .mul(1 / beta),
    );
  }
}

/** What normalises along an axis. */
abstract class AlongAxis extends Module {
  readonly axis: number;

  /**
   * Chooses the axis.
   * @param axis axis; negative ones count from the back; default the last
   * @throws ArgumentError where it is not a whole number
   */
  constructor(axis: number | { readonly axis?: number } = -1) {
    super();
    const given = loneArgument(new.target.name, axis, 'axis', -1);
    if (!Number.isInteger(given)) throw new ArgumentError(`${new.target.name}: an axis ${String(given)}`);
    this.axis = given;
  }
}

/** exp(x) over its sum along an axis. */
export class Softmax extends AlongAxis {
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return [draft.add('Softmax', [x], { axis: { i: this.axis } })];
  }
  override forward(x: CrypTensor): CrypTensor {
    return x.softmax(this.axis);
  }
}

/** The logarithm of the softmax along an axis. */
export class LogSoftmax extends AlongAxis {
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return [draft.add('LogSoftmax', [x], { axis: { i: this.axis } })];
  }
  override forward(x: CrypTensor): CrypTensor {
    return x.logSoftmax(this.axis);
  }
}
