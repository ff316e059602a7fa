/** A latency plan on ciphertexts. */
import type { Ciphertext, EncodedTransform, EvaluationKeys, Evaluator, Plaintext } from '@tacit/rlwe';
import type { LatencyAffine, LatencyPlan, PlannedActivation, PlannedDiagonal } from '../plan/plan.js';
import { activate } from './activation.js';
import type { StageObserver, StageRange } from './stages.js';

interface EncodedAffine {
  readonly stage: LatencyAffine;
  /** Undefined where a helper's share has no diagonals. */
  readonly transform?: EncodedTransform;
  readonly bias: readonly Plaintext[];
}

/** Which part of every affine map one of several threads computes. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/**
 * The diagonals of a share: those of every `of`-th giant step, for a giant step is what costs most. A map with too few
 * giant steps for all shares is the first one's alone.
 */
function shareOf(diagonals: readonly PlannedDiagonal[], { index, of }: Share): readonly PlannedDiagonal[] {
  const part = (share: number) => diagonals.filter(({ giant }) => giant % of === share);
  const count = (list: readonly PlannedDiagonal[]) => new Set(list.map(({ output }) => output)).size;
  // An output without any diagonal is zero, and nobody lacks it.
  const outputs = count(diagonals);
  const complete = (list: readonly PlannedDiagonal[]) => count(list) === outputs;
  for (let share = 0; share < of; share++) if (!complete(part(share))) return index === 0 ? diagonals : [];
  return part(index);
}

/** The weights of a plan (or a share of them), encoded once for one evaluator. */
export class LatencyNetwork {
  private readonly stages: readonly (EncodedAffine | PlannedActivation)[];

  constructor(
    private readonly evaluator: Evaluator,
    readonly plan: LatencyPlan,
    private readonly share: Share = { index: 0, of: 1 },
  ) {
    this.stages = plan.stages.map((stage) => (stage.kind === 'affine' ? this.encode(stage) : stage));
  }

  /**
   * @param inputs ciphertexts of the first stage's input, in its layout; freed when they are used up
   * @returns ciphertexts of the last stage's result
   */
  evaluate(
    inputs: readonly Ciphertext[],
    keys: EvaluationKeys,
    range: StageRange = { from: 0, to: this.stages.length - 1 },
    observe?: StageObserver,
  ): Ciphertext[] {
    let values = [...inputs];
    for (let i = range.from; i <= range.to; i++) {
      const stage = this.stages[i] as EncodedAffine | PlannedActivation;
      const started = performance.now();
      values = this.replace(values, (current) =>
        'stage' in stage ? this.affine(current, i, stage, keys) : this.activation(current, stage, keys),
      );
      observe?.(i, performance.now() - started, values);
    }
    return values;
  }

  /**
   * The same with helpers that compute shares of the affine maps: `elsewhere` is given a map's prepared input and
   * returns the partial results of the others, which are added to this network's own.
   */
  async evaluateShared(
    inputs: readonly Ciphertext[],
    keys: EvaluationKeys,
    range: StageRange,
    elsewhere: (stage: number, prepared: readonly Ciphertext[]) => Promise<Ciphertext[][]>,
  ): Promise<Ciphertext[]> {
    const { evaluator } = this;
    let values = [...inputs];
    for (let i = range.from; i <= range.to; i++) {
      const stage = this.stages[i] as EncodedAffine | PlannedActivation;
      if (!('stage' in stage)) {
        values = this.replace(values, (current) => this.activation(current, stage, keys));
        continue;
      }
      const prepared = this.replace(values, (current) => this.prepare(current, stage, keys));
      values = prepared;
      // The others start first: this thread hears nothing while it computes.
      const others = elsewhere(i, prepared);
      const own = this.transformShare(prepared, i, keys);
      const parts = await others.catch((error: unknown) => {
        evaluator.free(...prepared, ...own);
        throw error;
      });
      values = evaluator.scope(() => {
        for (const part of parts)
          for (const [k, y] of part.entries()) evaluator.addInPlace(own[k] as Ciphertext, y);
        return this.finish(own, stage, keys);
      });
      evaluator.free(...prepared, ...own, ...parts.flat());
    }
    return values;
  }

  /** This share of an affine map on prepared inputs; nothing where the share has no diagonals. */
  transformShare(prepared: readonly Ciphertext[], index: number, keys: EvaluationKeys): Ciphertext[] {
    const stage = this.stages[index];
    if (stage === undefined || !('stage' in stage) || stage.transform === undefined) return [];
    return this.evaluator.applyTransform(prepared, stage.transform, keys);
  }

  dispose(): void {
    for (const stage of this.stages)
      if ('stage' in stage) this.evaluator.free(...(stage.transform ? [stage.transform] : []), ...stage.bias);
  }

  private encode(stage: LatencyAffine): EncodedAffine {
    const { level, weightScale, rescale, scaleOut } = stage.step;
    const { inputs, outputs, babySteps, giantSteps, diagonals } = stage.transform;
    const own = shareOf(diagonals, this.share);
    const scale = weightScale;
    const transform =
      own.length === 0 && this.share.index > 0
        ? undefined
        : this.evaluator.encodeTransform({
            level,
            scale,
            inputs,
            outputs,
            babySteps,
            giantSteps,
            diagonals: own,
          });
    // Only the first share finishes a map.
    const bias = this.share.index === 0 ? stage.bias : [];
    return {
      stage,
      transform,
      bias: bias.map((values) => this.evaluator.encode(values, scaleOut, rescale ? level - 1 : level)),
    };
  }

  private affine(
    inputs: readonly Ciphertext[],
    index: number,
    encoded: EncodedAffine,
    keys: EvaluationKeys,
  ): Ciphertext[] {
    const products = this.transformShare(this.prepare(inputs, encoded, keys), index, keys);
    return this.finish(products, encoded, keys);
  }

  private prepare(
    inputs: readonly Ciphertext[],
    { stage }: EncodedAffine,
    keys: EvaluationKeys,
  ): Ciphertext[] {
    return inputs.map((x) =>
      this.addRotations(this.evaluator.dropLevel(x, stage.step.level), stage.transform.presums, keys),
    );
  }

  private finish(
    products: readonly Ciphertext[],
    { stage, bias }: EncodedAffine,
    keys: EvaluationKeys,
  ): Ciphertext[] {
    const { evaluator } = this;
    return products.map((y, i) => {
      const scaled = stage.step.rescale ? evaluator.rescale(y) : y;
      const folded = this.addRotations(scaled, stage.transform.folds, keys);
      return evaluator.addPlain(folded, bias[i] as Plaintext);
    });
  }

  private activation(
    inputs: readonly Ciphertext[],
    stage: PlannedActivation,
    keys: EvaluationKeys,
  ): Ciphertext[] {
    const { evaluator } = this;
    return inputs.map((x) => {
      const product = activate(evaluator, evaluator.dropLevel(x, stage.step.level), stage.activation, keys);
      return evaluator.rescale(evaluator.relinearize(product, keys));
    });
  }

  /** x + rot(x, step), for one step after the other. */
  private addRotations(x: Ciphertext, steps: readonly number[], keys: EvaluationKeys): Ciphertext {
    return steps.reduce((sum, step) => this.evaluator.add(sum, this.evaluator.rotate(sum, step, keys)), x);
  }

  /** What `body` makes of the values, which are freed with everything else that it made. */
  private replace(values: Ciphertext[], body: (values: readonly Ciphertext[]) => Ciphertext[]): Ciphertext[] {
    const next = this.evaluator.scope(() => body(values));
    this.evaluator.free(...values);
    return next;
  }
}
