/**
 * The rounds of a lock: the loss is made to grow, one weight a layer at a time, until the model is of no use.
 *
 * The paper computes a gradient for each weight that moves. Here a gradient of the whole model is computed once a round,
 * and every layer moves one weight by it, which takes as many passes as a layer has moves instead of as many as all have.
 */
import type { Layer } from './layer.js';
import type { Limits, RoundProgress } from './options.js';
import { ruleOf } from './rules.js';

/** What the weights are worth. */
export interface Pass {
  /** Mean cross entropy. */
  readonly loss: number;
  /** Its gradient with respect to each layer. */
  readonly gradients: ReadonlyMap<string, ArrayLike<number>>;
  /** Share of right answers on the data for evaluation. */
  readonly accuracy: number;
}

/** Computes a pass with weights as they are now. */
export type ComputePass = (layers: readonly Layer[], signal?: AbortSignal) => Promise<Pass>;

/** Why a lock ended: its stop was reached, nothing more could move, the rounds were used up, or the loss was no number. */
export type Ending = 'accuracy' | 'loss' | 'no moves' | 'rounds' | 'not a number';

/** What came of the rounds. */
export interface Ascent {
  readonly ending: Ending;
  /** From the untouched model to the last round. */
  readonly trace: readonly RoundProgress[];
}

/** What an ascent needs to know. */
export interface AscentOptions {
  readonly limits: Limits;
  /** Undefined where only the loss decides. */
  readonly stopAccuracy: number | undefined;
  readonly onProgress?: (progress: RoundProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Moves weights of layers until the lock is strong enough, or cannot become stronger.
 * @param layers that are locked; their values change
 * @param first what the untouched model is worth
 * @param compute what weights are worth
 * @param options limits and stop
 * @returns why it ended, and how loss and accuracy went
 * @throws the reason of the signal, where it is aborted
 */
export async function ascend(
  layers: readonly Layer[],
  first: Pass,
  compute: ComputePass,
  { limits, stopAccuracy, onProgress, signal }: AscentOptions,
): Promise<Ascent> {
  const choose = ruleOf(limits.rule, limits);
  const trace: RoundProgress[] = [];
  const threshold =
    limits.lossMultiple === undefined ? Number.POSITIVE_INFINITY : first.loss * limits.lossMultiple;
  let pass = first;
  for (let round = 0; ; round++) {
    const progress = { round, changed: changedOf(layers), loss: pass.loss, accuracy: pass.accuracy };
    trace.push(progress);
    onProgress?.(progress);
    if (stopAccuracy !== undefined && pass.accuracy <= stopAccuracy) return { ending: 'accuracy', trace };
    if (pass.loss > threshold) return { ending: 'loss', trace };
    if (round === limits.maxRounds) return { ending: 'rounds', trace };
    const moves = layers.flatMap((layer) => choose(layer, pass.gradients.get(layer.name) ?? []) ?? []);
    if (moves.length === 0) return { ending: 'no moves', trace };
    const before = moves.map(({ layer, index }) => layer.values[index]);
    for (const { layer, index, value } of moves) layer.move(index, value);
    signal?.throwIfAborted();
    pass = await compute(layers, signal);
    if (!Number.isFinite(pass.loss)) {
      // What was valid last is kept: a model whose answers are no numbers would show that it is locked.
      for (const [i, { layer, index }] of moves.entries()) layer.move(index, before[i]);
      return { ending: 'not a number', trace };
    }
  }
}

const changedOf = (layers: readonly Layer[]): number =>
  layers.reduce((count, layer) => count + layer.changed, 0);
