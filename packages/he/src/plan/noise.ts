/**
 * The error to be expected, from the variances of the noise that every operation adds (Cheon, Kim, Kim and Song 2017,
 * section 4; Kim, Papadimitriou and Polyakov 2022 for the average case). All errors are standard deviations of a slot's
 * real value. It ranks parameters; a trial with real ciphertexts has the last word.
 */
import type { AffineStage } from '../network/network.js';
import type { NormalNetwork } from '../network/normalize.js';
import type { Ranges } from './ranges.js';
import type { Schedule } from './schedule.js';

export interface NoiseModel {
  readonly ringDegree: number;
  readonly primeBits: number;
  readonly specialBits: number;
  /** Rotations of sums that each affine map makes, folds and presums included; 0 in the slot-batch layout. */
  readonly rotations: readonly number[];
  /** Diagonals of each affine map. */
  readonly diagonals: readonly number[];
  /** Slots that each affine map adds up at the end (folds), with the noise of each. */
  readonly folded: readonly number[];
  /** How much each affine map amplifies independent errors: see `errorGains`. */
  readonly gains: readonly number[];
}

/** Standard deviation of fresh noise in SEAL. */
const SIGMA = 3.2;

/** Deviations over the multiplicative depth of the largest of the outputs' errors: about 4 for a few dozen outputs. */
export const LARGEST_OF_OUTPUTS = 4;

export function expectedError(
  network: NormalNetwork,
  plan: Schedule,
  ranges: Ranges,
  model: NoiseModel,
): number {
  const { ringDegree: n } = model;
  const slot = Math.sqrt(n / 2);
  const rounding = Math.sqrt(n / 18 + 1 / 12);
  const keySwitch = (level: number) =>
    Math.hypot(Math.sqrt((level * n) / 12) * SIGMA * 2 ** (model.primeBits - model.specialBits), rounding);
  let error = (slot * Math.hypot(SIGMA, 0.3)) / plan.inputScale;
  let affine = 0;
  let before = ranges.input;
  network.stages.forEach((stage, i) => {
    const step = plan.steps[i];
    const after = ranges.stages[i];
    if (step === undefined || after === undefined) return;
    if (stage.kind === 'affine' && step.kind === 'affine') {
      const gain = model.gains[affine] ?? 1;
      const folded = Math.sqrt(model.folded[affine] ?? 1);
      const weights = folded * slot * 0.29 * Math.sqrt(model.diagonals[affine] ?? 1) * before.rms;
      const switches = folded * slot * keySwitch(step.level) * Math.sqrt(1 + (model.rotations[affine] ?? 0));
      error = Math.hypot(
        gain * Math.hypot(error, (slot * keySwitch(step.level)) / step.scaleIn),
        weights / step.weightScale,
        switches / (step.scaleIn * step.weightScale),
        step.rescale ? (folded * slot * rounding) / step.scaleOut : 0,
      );
      affine++;
    } else {
      const slope = slopeOf(before.largest, before.rms, after.rms);
      const added = (slot * Math.hypot(keySwitch(step.level), rounding)) / step.scaleOut;
      error = Math.hypot(
        slope * error,
        added,
        (slot * keySwitch(step.level)) / (step.scaleIn * step.scaleIn),
      );
    }
    before = after;
  });
  return error;
}

/** How much each affine map amplifies independent errors of its inputs. */
export function errorGains(network: NormalNetwork): number[] {
  return network.stages.filter((stage) => stage.kind === 'affine').map(rowNorm);
}

/** Euclidean norm of the largest row. */
function rowNorm({ matrix }: AffineStage): number {
  let largest = 0;
  for (let row = 0; row < matrix.rows; row++) {
    let sum = 0;
    matrix.forRow(row, (_, value) => {
      sum += value * value;
    });
    largest = Math.max(largest, sum);
  }
  return Math.sqrt(largest);
}

/** How much an activation amplifies an error, between its typical and its largest argument. */
function slopeOf(largest: number, rms: number, rmsAfter: number): number {
  return 2 * Math.max(rms, Math.sqrt(largest * rms), rms === 0 ? 0 : rmsAfter / rms / 2);
}
