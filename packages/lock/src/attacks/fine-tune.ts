/**
 * Fine-tuning: somebody has the locked model and a small part of the data, and trains on. This is what a lock does not stop
 * where the data is good enough; the curve says how far it leads.
 */
import { randomInt } from 'node:crypto';
import type { Classifier, PassOptions } from '../classifier/classifier.js';
import { type Examples, pick } from '../classifier/examples.js';

/** How long and how fast an attacker trains. */
export interface FineTuneOptions extends PassOptions {
  /** Of the examples, how many the attacker has. Default 0.1. */
  readonly share?: number;
  /** Default 10. */
  readonly epochs?: number;
  /** Each is tried from the start. Default 0.1, 0.01 and 0.001. */
  readonly rates?: readonly number[];
  /** Default 0.9. */
  readonly momentum?: number;
  /** Default 32, or what the model takes. */
  readonly batchSize?: number;
}

/** Accuracies while somebody trains. */
export interface FineTuneCurve {
  readonly rate: number;
  /** Before the first epoch and after each; shorter where the loss became no number. */
  readonly accuracies: readonly number[];
}

/** What fine-tuning came to. */
export interface FineTuneReport {
  /** How many examples the attacker has. */
  readonly examples: number;
  readonly curves: readonly FineTuneCurve[];
  /** The best of all accuracies. */
  readonly best: number;
}

/** Gradients beyond this norm are scaled down to it: those of a locked model are huge. */
const LARGEST_NORM = 5;

/**
 * Trains a locked model on, by stochastic gradient descent with momentum, on all of its weights.
 * @param classifier the locked model
 * @param data examples of which the attacker has some, chosen at random
 * @param evaluation what accuracy is measured on
 * @param options how long and how fast
 * @returns accuracies after each epoch, for each rate
 */
export async function fineTune(
  classifier: Classifier,
  data: Examples,
  evaluation: Examples,
  options: FineTuneOptions = {},
): Promise<FineTuneReport> {
  const { share = 0.1, epochs = 10, rates = [0.1, 0.01, 0.001], momentum = 0.9 } = options;
  const { batchSize = 32, signal } = options;
  const own = pick(data, shuffled(data.count).slice(0, Math.max(1, Math.round(share * data.count))));
  const steps = rates.length * (1 + epochs);
  const curves: FineTuneCurve[] = [];
  for (const [at, rate] of rates.entries()) {
    const weights = new Map(
      classifier.weights.map((name) => [name, Float64Array.from(classifier.original(name))]),
    );
    const speeds = new Map<string, Float64Array>();
    const first = await classifier.score(evaluation, weights, { signal });
    const accuracies = [first.accuracy];
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = shuffled(own.count);
      for (let start = 0; start < own.count; start += batchSize) {
        const batch = pick(own, order.slice(start, start + batchSize));
        const { gradients } = await classifier.gradients(batch, weights, classifier.weights, { signal });
        step(weights, speeds, gradients, rate, momentum);
      }
      const { loss, accuracy } = await classifier.score(evaluation, weights, { signal });
      if (!Number.isFinite(loss)) break;
      accuracies.push(accuracy);
      options.onBatch?.(at * (1 + epochs) + epoch + 2, steps);
    }
    curves.push({ rate, accuracies });
  }
  return {
    examples: own.count,
    curves,
    best: Math.max(...curves.flatMap(({ accuracies }) => accuracies)),
  };
}

function step(
  weights: ReadonlyMap<string, Float64Array>,
  speeds: Map<string, Float64Array>,
  gradients: ReadonlyMap<string, Float32Array>,
  rate: number,
  momentum: number,
): void {
  let squares = 0;
  for (const gradient of gradients.values()) for (const g of gradient) squares += g * g;
  const scale = Math.min(1, LARGEST_NORM / Math.sqrt(squares));
  if (!Number.isFinite(scale)) return;
  for (const [name, gradient] of gradients) {
    const own = weights.get(name);
    if (!own) continue;
    const speed = speeds.get(name) ?? new Float64Array(own.length);
    speeds.set(name, speed);
    for (let i = 0; i < own.length; i++) {
      speed[i] = momentum * speed[i] - rate * scale * gradient[i];
      own[i] += speed[i];
    }
  }
}

/** Numbers from 0 in a random order. */
function shuffled(count: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
