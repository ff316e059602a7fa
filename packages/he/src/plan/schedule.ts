/**
 * Levels and scales of a network along the modulus chain.
 *
 * Every affine map but the last is followed by a rescaling; the scale of its weights is chosen so that its result has
 * exactly the scale that was asked for, whatever the primes are. The last one is not rescaled: its result is decrypted.
 */
import { activationDepth, type NormalNetwork } from '../network/normalize.js';

export interface AffineStep {
  readonly kind: 'affine';
  /** Primes left when it is computed. */
  readonly level: number;
  readonly scaleIn: number;
  /** Scale of the weights. */
  readonly weightScale: number;
  readonly rescale: boolean;
  readonly scaleOut: number;
}

export interface ActivationStep {
  readonly kind: 'activation';
  readonly level: number;
  readonly scaleIn: number;
  readonly scaleOut: number;
}

export type Step = AffineStep | ActivationStep;

export interface Schedule {
  readonly inputScale: number;
  readonly outputLevel: number;
  readonly outputScale: number;
  readonly steps: readonly Step[];
}

/** Primes that a network drops on its way. */
export function depthOf(network: NormalNetwork): number {
  return network.stages.reduce(
    (depth, stage, i) =>
      depth +
      (stage.kind === 'activation'
        ? activationDepth(stage.activation)
        : i === network.stages.length - 1
          ? 0
          : 1),
    0,
  );
}

export interface ScheduleChoice {
  /** Data primes, the last dropped first. */
  readonly primes: readonly number[];
  /** Scale of the input and of every affine map's result. */
  readonly scale: number;
  /** Scale of the result of the last map but one: smaller leaves more room for the last map's weights. Default `scale`. */
  readonly lastScale?: number;
  /** Scale of the last map's weights. */
  readonly lastWeightScale: number;
}

export function schedule(network: NormalNetwork, choice: ScheduleChoice): Schedule {
  let level = choice.primes.length;
  let scale = choice.scale;
  const lastRescaled = network.stages.slice(0, -1).findLastIndex((stage) => stage.kind === 'affine');
  const dropPrime = () => {
    level--;
    return choice.primes[level] as number;
  };
  const steps = network.stages.map((stage, i): Step => {
    const at = { level, scaleIn: scale };
    if (stage.kind === 'activation') {
      if (stage.activation.kind === 'square') scale = (scale * scale) / dropPrime();
      else if (stage.activation.kind === 'cubic') {
        const square = (scale * scale) / dropPrime();
        scale = (scale * square) / dropPrime();
      } else {
        const square = (scale * scale) / dropPrime();
        scale = (square * square) / dropPrime();
      }
      return { kind: 'activation', ...at, scaleOut: scale };
    }
    if (i === network.stages.length - 1) {
      const { lastWeightScale: weightScale } = choice;
      scale *= weightScale;
      return { kind: 'affine', ...at, weightScale, rescale: false, scaleOut: scale };
    }
    const wanted = i === lastRescaled ? (choice.lastScale ?? choice.scale) : choice.scale;
    const weightScale = (wanted * dropPrime()) / scale;
    scale = wanted;
    return { kind: 'affine', ...at, weightScale, rescale: true, scaleOut: scale };
  });
  return { inputScale: choice.scale, outputLevel: level, outputScale: scale, steps };
}
