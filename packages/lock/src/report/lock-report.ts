/** What a lock by AdvParams did to a model. */
import type { Ending } from '../adv-params/ascend.js';
import type { Layer } from '../adv-params/layer.js';
import type { RoundProgress } from '../adv-params/options.js';
import type { Rule } from '../adv-params/rules.js';
import type { Score } from '../classifier/classifier.js';
import { type Histograms, histograms, kolmogorovSmirnov } from './distance.js';

/** A layer before and after. */
export interface LayerReport {
  readonly name: string;
  readonly shape: readonly number[];
  readonly weights: number;
  readonly changed: number;
  /** Kolmogorov-Smirnov distance of its weights before and after. */
  readonly distance: number;
  readonly low: number;
  readonly high: number;
  readonly histograms: Histograms;
}

/** What a lock did. It names no weight that was changed; the layers that were are a part of it. */
export interface LockReport {
  readonly ending: Ending;
  /** Whether the lock reached its stop. */
  readonly reached: boolean;
  readonly classes: number;
  readonly clean: Score;
  readonly locked: Score;
  /** How many examples gradients are of. */
  readonly examples: number;
  /** How many examples accuracies are of. */
  readonly evaluated: number;
  /** Whether these are the same. */
  readonly sameData: boolean;
  readonly changed: number;
  /** Weights of the model that could have been changed. */
  readonly weights: number;
  readonly layers: readonly LayerReport[];
  /** From the untouched model to the locked one. */
  readonly trace: readonly RoundProgress[];
  readonly rule: Rule;
  readonly ms: number;
}

const BINS = 40;

/**
 * How layers look before and after.
 * @param layers as they are when a lock is done
 * @returns a report for each
 */
export const layerReports = (layers: readonly Layer[]): LayerReport[] =>
  layers.map((layer) => {
    const before = layer.original();
    return {
      name: layer.name,
      shape: layer.shape,
      weights: before.length,
      changed: layer.changed,
      distance: kolmogorovSmirnov(before, layer.values),
      low: layer.bounds.low,
      high: layer.bounds.high,
      histograms: histograms(before, layer.values, BINS),
    };
  });
