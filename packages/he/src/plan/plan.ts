/**
 * A compiled network: parameters, levels and scales, and for every stage what to do with the slots.
 *
 * `latency` puts one image into as few ciphertexts as possible; `throughput` gives every element of a tensor its own
 * ciphertext, with one image a slot.
 */
import type { AffineStage } from '../network/network.js';
import type { Activation, NormalNetwork } from '../network/normalize.js';
import { splitRotations } from './baby-giant.js';
import { stepCosts } from './costs.js';
import type { Layout } from './layout.js';
import { spread } from './layout.js';
import type { CkksChoice } from './parameters.js';
import type { ActivationStep, AffineStep, Schedule } from './schedule.js';
import { type SlotTransform, TransformPlanner } from './slot-transform.js';

export type Mode = 'latency' | 'throughput';

/** An affine map on slots; all steps are rotations to the left. */
export interface PlannedTransform {
  readonly inputs: number;
  readonly outputs: number;
  readonly presums: readonly number[];
  readonly babySteps: readonly number[];
  readonly giantSteps: readonly number[];
  /** Multiplied with an input rotated by a baby step, then summed, then rotated by a giant step. */
  readonly diagonals: readonly PlannedDiagonal[];
  readonly folds: readonly number[];
}

export interface PlannedDiagonal {
  readonly output: number;
  readonly input: number;
  /** Index in `giantSteps`. */
  readonly giant: number;
  /** Index in `babySteps`. */
  readonly baby: number;
  readonly values: Float64Array;
}

export interface LatencyAffine {
  readonly kind: 'affine';
  readonly layers: readonly string[];
  readonly step: AffineStep;
  readonly transform: PlannedTransform;
  /** One vector of slots for every ciphertext of the result. */
  readonly bias: readonly Float64Array[];
}

export interface PlannedActivation {
  readonly kind: 'activation';
  readonly layers: readonly string[];
  readonly step: ActivationStep;
  readonly activation: Activation;
}

/** A network in the `latency` mode, ready to be encoded. */
export interface LatencyPlan {
  readonly parameters: CkksChoice;
  readonly schedule: Schedule;
  readonly input: Layout;
  readonly output: Layout;
  readonly stages: readonly (LatencyAffine | PlannedActivation)[];
  /** Rotations that evaluation keys are needed for, ascending. */
  readonly rotationSteps: readonly number[];
}

/** @param layouts of the input and of every affine map's result */
export function planLatency(
  network: NormalNetwork,
  parameters: CkksChoice,
  schedule: Schedule,
  layouts: readonly Layout[],
): LatencyPlan {
  const slots = parameters.ringDegree / 2;
  const steps = new Set<number>();
  let affine = 0;
  const stages = network.stages.map((stage, i): LatencyAffine | PlannedActivation => {
    const step = schedule.steps[i];
    if (stage.kind === 'activation')
      return {
        kind: 'activation',
        layers: stage.layers,
        step: step as ActivationStep,
        activation: stage.activation,
      };
    const [from, to] = [layouts[affine] as Layout, layouts[affine + 1] as Layout];
    affine++;
    const planned = planAffine(stage, from, to, slots, step as AffineStep);
    const { presums, babySteps, giantSteps, folds } = planned.transform;
    for (const rotation of [...presums, ...babySteps, ...giantSteps, ...folds])
      if (rotation !== 0) steps.add(rotation);
    return planned;
  });
  return {
    parameters,
    schedule,
    input: layouts[0] as Layout,
    output: layouts.at(-1) as Layout,
    stages,
    rotationSteps: [...steps].sort((a, b) => a - b),
  };
}

function planAffine(
  stage: AffineStage,
  from: Layout,
  to: Layout,
  slots: number,
  step: AffineStep,
): LatencyAffine {
  const built = new TransformPlanner(stage.matrix, slots).build(from, to);
  const costs = stepCosts(step.level, from.ciphertexts, to.ciphertexts);
  const { babySteps, giantSteps, split } = splitSteps(built, costs);
  const babyIndex = new Map(babySteps.map((value, i) => [value, i]));
  const giantIndex = new Map(giantSteps.map((value, i) => [value, i]));
  const diagonals = built.diagonals.map((diagonal): PlannedDiagonal => {
    const { baby, giant } = split(diagonal.rotation);
    const values = new Float64Array(slots);
    for (let k = diagonal.start; k < diagonal.end; k++) {
      const weight = built.entryWeights[k] as number;
      const first = built.entrySlots[k] as number;
      for (let slot = first; slot < slots; slot += built.outputPeriod)
        values[(slot + giant) % slots] = weight;
    }
    return {
      output: diagonal.output,
      input: diagonal.input,
      giant: giantIndex.get(giant) as number,
      baby: babyIndex.get(baby) as number,
      values,
    };
  });
  return {
    kind: 'affine',
    layers: stage.layers,
    step,
    bias: spread(stage.bias, to, slots),
    transform: {
      inputs: from.ciphertexts,
      outputs: to.ciphertexts,
      presums: built.presums,
      babySteps,
      giantSteps,
      diagonals,
      folds: built.folds,
    },
  };
}

function splitSteps(built: SlotTransform, costs: { baby: number; giant: number }) {
  const { babySteps, giantSteps, pairs } = splitRotations(built.rotations, built.period, costs);
  const byRotation = new Map(built.rotations.map((rotation, i) => [rotation, pairs[i]]));
  const split = (rotation: number) => byRotation.get(rotation) as { baby: number; giant: number };
  return { babySteps, giantSteps, split };
}
