/** A throughput plan on ciphertexts: one ciphertext an element, one image a slot. */
import type { Ciphertext, EncodedConstants, EvaluationKeys, Evaluator } from '@tacit/rlwe';
import type { ThroughputActivation, ThroughputAffine, ThroughputPlan } from '../plan/throughput.js';
import { activate } from './activation.js';

interface EncodedAffine {
  readonly stage: ThroughputAffine;
  readonly constants: EncodedConstants;
}

/** Results that are in memory at once while an affine map and the activation after it run. */
const ROWS_AT_ONCE = 64;

export type BatchProgress = (done: number, total: number) => void;

/** The weights of a plan, encoded once for one evaluator. */
export class ThroughputNetwork {
  private readonly stages: readonly (EncodedAffine | ThroughputActivation)[];

  constructor(
    private readonly evaluator: Evaluator,
    readonly plan: ThroughputPlan,
  ) {
    this.stages = plan.stages.map((stage) =>
      stage.kind === 'affine'
        ? {
            stage,
            constants: evaluator.encodeConstants(
              { columns: stage.columns, rows: stage.rows },
              stage.step.weightScale,
              stage.step.level,
            ),
          }
        : stage,
    );
  }

  /**
   * @param inputs one ciphertext for every element of the input; freed when they are used up
   * @returns one ciphertext for every output
   */
  evaluate(inputs: readonly Ciphertext[], keys: EvaluationKeys, progress?: BatchProgress): Ciphertext[] {
    const { evaluator } = this;
    const total = this.stages.length;
    let values = [...inputs];
    let index = 0;
    while (index < total) {
      const affine = this.stages[index] as EncodedAffine;
      const next = this.stages[index + 1];
      const results: Ciphertext[] = [];
      if (next !== undefined && 'sums' in next) {
        // The affine map and the activation run together, so that only a few of the map's results exist at once.
        let row = 0;
        for (const sums of batches(next.sums)) {
          const first = row;
          results.push(...evaluator.scope(() => this.activateSums(values, affine, next, first, sums, keys)));
          row += sums.reduce((a, b) => a + b, 0);
          progress?.(index + (2 * results.length) / next.sums.length, total);
        }
        index += 2;
      } else {
        results.push(...evaluator.scope(() => this.affineRows(values, affine, 0, affine.stage.rows.length)));
        index++;
        progress?.(index, total);
      }
      evaluator.free(...values);
      values = results;
    }
    return values;
  }

  dispose(): void {
    for (const stage of this.stages) if ('constants' in stage) this.evaluator.free(stage.constants);
  }

  private activateSums(
    inputs: readonly Ciphertext[],
    affine: EncodedAffine,
    stage: ThroughputActivation,
    firstRow: number,
    sums: readonly number[],
    keys: EvaluationKeys,
  ): Ciphertext[] {
    const { evaluator } = this;
    const values = this.affineRows(inputs, affine, firstRow, firstRow + sums.reduce((a, b) => a + b, 0));
    let at = 0;
    return sums.map((members) =>
      evaluator.scope(() => {
        const sum = activate(evaluator, values[at++] as Ciphertext, stage.activation, keys);
        for (let k = 1; k < members; k++)
          evaluator.addInPlace(sum, activate(evaluator, values[at++] as Ciphertext, stage.activation, keys));
        return evaluator.rescale(evaluator.relinearize(sum, keys));
      }),
    );
  }

  /** Rows first to last - 1 of an affine map. */
  private affineRows(
    inputs: readonly Ciphertext[],
    { stage, constants }: EncodedAffine,
    first: number,
    last: number,
  ): Ciphertext[] {
    const { evaluator } = this;
    return evaluator.combine(inputs, constants, first, last).map((y, i) => {
      const scaled = stage.step.rescale ? evaluator.rescale(y) : y;
      return evaluator.addConstant(scaled, stage.bias[first + i] as number);
    });
  }
}

/** Groups of sums with about ROWS_AT_ONCE members. */
function* batches(sums: readonly number[]): Generator<readonly number[]> {
  let batch: number[] = [];
  let rows = 0;
  for (const members of sums) {
    if (rows > 0 && rows + members > ROWS_AT_ONCE) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(members);
    rows += members;
  }
  if (batch.length > 0) yield batch;
}
