/** A latency plan on ciphertexts. */
import type { Ciphertext, EncodedTransform, EvaluationKeys, Evaluator, Plaintext } from '@tacit/rlwe';
import type { LatencyAffine, LatencyPlan, PlannedActivation } from '../plan/plan.js';
import { activate } from './activation.js';
import type { StageObserver, StageRange } from './stages.js';

interface EncodedAffine {
  readonly stage: LatencyAffine;
  readonly transform: EncodedTransform;
  readonly bias: readonly Plaintext[];
}

/** The weights of a plan, encoded once for one evaluator. */
export class LatencyNetwork {
  private readonly stages: readonly (EncodedAffine | PlannedActivation)[];

  constructor(
    private readonly evaluator: Evaluator,
    readonly plan: LatencyPlan,
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
        'stage' in stage ? this.affine(current, stage, keys) : this.activation(current, stage, keys),
      );
      observe?.(i, performance.now() - started, values);
    }
    return values;
  }

  dispose(): void {
    for (const stage of this.stages)
      if ('stage' in stage) this.evaluator.free(stage.transform, ...stage.bias);
  }

  private encode(stage: LatencyAffine): EncodedAffine {
    const { level, weightScale, rescale, scaleOut } = stage.step;
    const { inputs, outputs, babySteps, giantSteps, diagonals } = stage.transform;
    return {
      stage,
      transform: this.evaluator.encodeTransform({
        level,
        scale: weightScale,
        inputs,
        outputs,
        babySteps,
        giantSteps,
        diagonals,
      }),
      bias: stage.bias.map((values) => this.evaluator.encode(values, scaleOut, rescale ? level - 1 : level)),
    };
  }

  private affine(inputs: readonly Ciphertext[], encoded: EncodedAffine, keys: EvaluationKeys): Ciphertext[] {
    const { evaluator } = this;
    const { step, transform } = encoded.stage;
    const summed = inputs.map((x) =>
      this.addRotations(evaluator.dropLevel(x, step.level), transform.presums, keys),
    );
    return evaluator.applyTransform(summed, encoded.transform, keys).map((y, i) => {
      const scaled = step.rescale ? evaluator.rescale(y) : y;
      const folded = this.addRotations(scaled, transform.folds, keys);
      return evaluator.addPlain(folded, encoded.bias[i] as Plaintext);
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
