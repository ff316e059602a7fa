/** Functions of the gates of recurrent layers, by the names that their attribute `activations` gives. */
import type { Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';

export type Activation = (x: Value) => Value;

interface Choice {
  /** Defaults of alpha and beta; none where the function has no such number. */
  readonly alpha?: number;
  readonly beta?: number;
  apply(context: NodeContext, x: Value, alpha: number, beta: number): Value;
}

const scaled = (context: NodeContext, x: Value, factor: number): Value =>
  factor === 1
    ? x
    : context.emit(
        'Mul',
        [x, context.makeConstant('factor', { shape: [], data: Float64Array.of(factor) })],
        {},
      );

const CHOICES: Readonly<Record<string, Choice>> = {
  relu: { apply: (context, x) => context.emit('Relu', [x], {}) },
  tanh: { apply: (context, x) => context.emit('Tanh', [x], {}) },
  sigmoid: { apply: (context, x) => context.emit('Sigmoid', [x], {}) },
  softsign: { apply: (context, x) => context.emit('Softsign', [x], {}) },
  softplus: { apply: (context, x) => context.emit('Softplus', [x], {}) },
  elu: { alpha: 1, apply: (context, x, alpha) => context.emit('Elu', [x], { alpha, gamma: 1 }) },
  leakyrelu: { alpha: 0.01, apply: (context, x, alpha) => context.emit('LeakyRelu', [x], { alpha }) },
  thresholdedrelu: {
    alpha: 1,
    apply: (context, x, alpha) => context.emit('ThresholdedRelu', [x], { alpha }),
  },
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    apply: (context, x, alpha, beta) => context.emit('HardSigmoid', [x], { alpha, beta }),
  },
  affine: {
    alpha: 1,
    beta: 0,
    apply(context, x, alpha, beta) {
      const shift = context.makeConstant('shift', { shape: [], data: Float64Array.of(beta) });
      return context.emit('Add', [scaled(context, x, alpha), shift], {});
    },
  },
  scaledtanh: {
    alpha: 1,
    beta: 1,
    apply: (context, x, alpha, beta) =>
      scaled(context, context.emit('Tanh', [scaled(context, x, beta)], {}), alpha),
  },
};

/**
 * The functions of each direction, with their numbers: `activation_alpha` and `activation_beta` list those of the
 * functions that have such a number, in order, as onnxruntime reads them.
 */
export function gateActivations(
  context: NodeContext,
  standard: readonly string[],
  directions: number,
): Activation[][] {
  const all = Array.from({ length: directions }, () => standard).flat();
  const names = context.strings('activations') ?? all;
  if (names.length !== all.length) context.fail(`${names.length} activations instead of ${all.length}`);
  const alphas = [...(context.floats('activation_alpha') ?? [])];
  const betas = [...(context.floats('activation_beta') ?? [])];
  const made = names.map((name): { readonly name: string; readonly apply: Activation } => {
    const key = name.toLowerCase();
    const choice = Object.hasOwn(CHOICES, key) ? CHOICES[key] : undefined;
    if (choice === undefined) return context.fail(`activation ${JSON.stringify(name)}`);
    const alpha = choice.alpha === undefined ? 0 : (alphas.shift() ?? choice.alpha);
    const beta = choice.beta === undefined ? 0 : (betas.shift() ?? choice.beta);
    return { name: `${key} ${alpha} ${beta}`, apply: (x) => choice.apply(context, x, alpha, beta) };
  });
  return Array.from({ length: directions }, (_, d) =>
    made.slice(d * standard.length, (d + 1) * standard.length).map(({ apply }) => apply),
  );
}
