/** Pruning: the smallest weights become 0. What was moved by a lock might be among them; seldom is. */
import type { Classifier, PassOptions } from '../classifier/classifier.js';
import type { Examples } from '../classifier/examples.js';

/** Accuracies without the smallest weights. */
export interface PruneRow {
  /** Share of the weights that became 0. */
  readonly share: number;
  readonly locked: number;
  /** The same, of the model before it was locked. */
  readonly clean: number;
}

const SHARES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/**
 * Prunes by magnitude, in each weight of two axes or more.
 * @param locked the locked model
 * @param clean the model before it was locked
 * @param evaluation what accuracy is measured on
 * @param options progress and cancellation
 * @returns accuracies for shares from 0 to 0.9
 */
export async function prune(
  locked: Classifier,
  clean: Classifier,
  evaluation: Examples,
  { onBatch, signal }: PassOptions = {},
): Promise<PruneRow[]> {
  const rows: PruneRow[] = [];
  for (const share of SHARES) {
    const of = async (model: Classifier): Promise<number> =>
      (await model.score(evaluation, prunedWeights(model, share), { signal })).accuracy;
    rows.push({ share, locked: await of(locked), clean: await of(clean) });
    onBatch?.(rows.length, SHARES.length);
  }
  return rows;
}

const prunedWeights = (model: Classifier, share: number): Map<string, Float64Array> =>
  new Map(
    model.weights
      .filter((name) => model.shape(name).length > 1)
      .map((name) => [name, pruned(model.original(name), share)]),
  );

/**
 * Numbers without the smallest of them.
 * @param values numbers
 * @param share of them that becomes 0
 * @returns the others where they were
 * @example pruned(Float64Array.of(3, -1, 2, 0.5), 0.5); // Float64Array [ 3, 0, 2, 0 ]
 */
export function pruned(values: Float64Array, share: number): Float64Array {
  const order = Array.from(values.keys()).sort((a, b) => Math.abs(values[a]) - Math.abs(values[b]));
  const left = Float64Array.from(values);
  for (const index of order.slice(0, Math.floor(share * values.length))) left[index] = 0;
  return left;
}
