// Linear transforms of the slots, described by diagonals and encoded.
import type { Core } from './core.js';
import type { Encoder } from './encoder.js';
import { RlweArgumentError } from './errors.js';
import { normaliseStep } from './galois.js';
import { Handle } from './handles.js';
import { extendedPrime } from './key-switch.js';

/**
 * out_i = sum over g of rotate(sum over j, b of D[i][j][g][b] * rotate(in_j, babySteps[b]), giantSteps[g]): a matrix over
 * the slots, by its diagonals.
 */
export interface LinearTransform {
  /** Level of the inputs and outputs. */
  readonly level: number;
  /** Scale of the diagonals; that of the outputs is the inputs' times this. */
  readonly scale: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Steps to the left; 0 is no rotation. A baby step costs far less than a giant step. */
  readonly babySteps: readonly number[];
  readonly giantSteps: readonly number[];
  /** An output without any is zero. */
  readonly diagonals: readonly {
    readonly output: number;
    readonly input: number;
    /** Index into giantSteps. */
    readonly giant: number;
    /** Index into babySteps. */
    readonly baby: number;
    /** At most `slots` values, the rest is 0. */
    readonly values: Float64Array;
  }[];
}

interface Term {
  readonly input: number;
  readonly baby: number;
  /** Rows of the diagonal in Montgomery form, extended if any baby step is a rotation. */
  readonly rows: readonly number[];
}

/** Diagonals of one output and giant step. */
export interface Group {
  readonly output: number;
  readonly giantStep: number;
  readonly terms: Term[];
}

/** A linear transform with its diagonals encoded. Not freed by scopes. */
export class EncodedTransform extends Handle {
  readonly level: number;
  readonly scale: number;
  readonly inputs: number;
  readonly outputs: number;
  /** @internal */
  readonly babySteps: readonly number[];
  /** Whether inner sums are modulo the special prime as well. @internal */
  readonly extended: boolean;
  /** @internal */
  readonly groups: readonly Group[];

  /** @internal */
  constructor(core: Core, encoder: Encoder, transform: LinearTransform) {
    super(core);
    const { level, scale, inputs, outputs, babySteps, giantSteps, diagonals } = transform;
    checkTransform(core, transform);
    this.level = level;
    this.scale = scale;
    this.inputs = inputs;
    this.outputs = outputs;
    this.babySteps = babySteps.map((step) => normaliseStep(step, core.n / 2));
    this.extended = diagonals.some(({ baby }) => this.babySteps[baby] !== 0);
    const primes: number[] = [];
    for (let i = 0; i < level + (this.extended ? 1 : 0); i++) primes.push(extendedPrime(core, level, i));
    const groups = new Map<string, Group>();
    this.groups = [];
    try {
      for (const { output, input, giant, baby, values } of diagonals) {
        const rows = core.memory.takeRows(primes.length);
        const term: Term = { input, baby, rows };
        const giantStep = normaliseStep(giantSteps[giant], core.n / 2);
        const id = `${output} ${giantStep}`;
        const group = groups.get(id);
        if (group) group.terms.push(term);
        else groups.set(id, { output, giantStep, terms: [term] });
        this.groups = [...groups.values()];
        encoder.encode(values, scale, primes, rows, core.bits[level]);
        for (const [i, row] of rows.entries()) core.toMontgomery(row, row, primes[i]);
      }
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Steps whose Galois keys are needed, from 1 to slots - 1. */
  get steps(): number[] {
    const steps = new Set<number>();
    for (const { giantStep, terms } of this.groups) {
      steps.add(giantStep);
      for (const { baby } of terms) steps.add(this.babySteps[baby]);
    }
    steps.delete(0);
    return [...steps];
  }

  /** Bytes of memory that it takes. */
  get bytes(): number {
    let rows = 0;
    for (const { terms } of this.groups) for (const term of terms) rows += term.rows.length;
    return rows * this.core.n * 4;
  }

  protected override giveBack(): void {
    for (const { terms } of this.groups) for (const { rows } of terms) this.core.memory.giveRows(rows);
  }
}

function checkTransform(core: Core, transform: LinearTransform): void {
  const { level, inputs, outputs, babySteps, giantSteps, diagonals } = transform;
  core.checkLevel('encodeTransform', level);
  const within = (index: number, count: number) => Number.isInteger(index) && index >= 0 && index < count;
  for (const step of [...babySteps, ...giantSteps])
    if (!Number.isInteger(step)) throw new RlweArgumentError(`encodeTransform: step ${step}`);
  for (const [i, { output, input, giant, baby }] of diagonals.entries()) {
    if (
      !within(output, outputs) ||
      !within(input, inputs) ||
      !within(giant, giantSteps.length) ||
      !within(baby, babySteps.length)
    )
      throw new RlweArgumentError(
        `encodeTransform: diagonal ${i} has output ${output}, input ${input}, giant ${giant} or baby ${baby} out of range`,
      );
  }
}
