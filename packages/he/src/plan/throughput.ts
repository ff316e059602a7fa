/**
 * The slot-batch layout (Gilad-Bachrach and others 2016): every element of a tensor has a ciphertext of its own, whose
 * slots are as many images. No rotations; a weight is a constant times a ciphertext.
 *
 * Elements that every next layer weighs equally (the windows of an average pool) are added up before relinearisation,
 * so that one key switch serves them all.
 */

import type { Activation, NormalNetwork } from '../network/normalize.js';
import type { SparseMatrix } from '../network/sparse-matrix.js';
import type { CkksChoice } from './parameters.js';
import type { ActivationStep, AffineStep, Schedule } from './schedule.js';
import { columnGroups } from './slot-transform.js';

export interface ThroughputAffine {
  readonly kind: 'affine';
  readonly layers: readonly string[];
  readonly step: AffineStep;
  /** One row for every element of the result, members of a sum of the next stage side by side. */
  readonly rows: readonly { readonly columns: Int32Array; readonly values: Float64Array }[];
  /** Ciphertexts of the input. */
  readonly columns: number;
  readonly bias: Float64Array;
}

export interface ThroughputActivation {
  readonly kind: 'activation';
  readonly layers: readonly string[];
  readonly step: ActivationStep;
  readonly activation: Activation;
  /** How many neighbours are added up after the activation, for every ciphertext of the result. */
  readonly sums: readonly number[];
}

export interface ThroughputPlan {
  readonly parameters: CkksChoice;
  readonly schedule: Schedule;
  /** Ciphertexts of an input and of an output. */
  readonly inputs: number;
  readonly outputs: number;
  readonly stages: readonly (ThroughputAffine | ThroughputActivation)[];
}

export function planThroughput(
  network: NormalNetwork,
  parameters: CkksChoice,
  schedule: Schedule,
): ThroughputPlan {
  /** Elements of the stage before, in groups that are added up; undefined for the input. */
  let groups: readonly Int32Array[] | undefined;
  const stages = network.stages.map((stage, i): ThroughputAffine | ThroughputActivation => {
    const step = schedule.steps[i];
    const { layers } = stage;
    if (stage.kind === 'activation') {
      const sums = (groups ?? []).map((members) => members.length);
      return { kind: 'activation', layers, step: step as ActivationStep, activation: stage.activation, sums };
    }
    const columns = groups?.length ?? stage.matrix.columns;
    const columnOf = columnsOfGroups(stage.matrix.columns, groups);
    const after = network.stages[i + 2];
    groups = after?.kind === 'affine' ? equalColumns(after.matrix) : undefined;
    const order = groups?.flatMap((members) => [...members]) ?? [...stage.bias.keys()];
    return {
      kind: 'affine',
      layers,
      step: step as AffineStep,
      rows: order.map((row) => rowOver(stage.matrix, row, columnOf)),
      columns,
      bias: Float64Array.from(order, (row) => stage.bias[row] as number),
    };
  });
  const [first] = stages;
  const last = network.stages.at(-1);
  return {
    parameters,
    schedule,
    inputs: first?.kind === 'affine' ? first.columns : 0,
    outputs: last?.kind === 'affine' ? last.matrix.rows : 0,
    stages,
  };
}

/** Columns that are equal weigh in every row alike, so their elements may be added up first. */
function equalColumns(matrix: SparseMatrix): Int32Array[] {
  const members = new Map<number, number[]>();
  columnGroups(matrix).forEach((group, column) => {
    const list = members.get(group);
    if (list === undefined) members.set(group, [column]);
    else list.push(column);
  });
  return [...members.values()].map((list) => Int32Array.from(list));
}

/** Number of the sum that stands for a column; -1 for all of its members but the first. */
function columnsOfGroups(columns: number, groups: readonly Int32Array[] | undefined): Int32Array {
  if (groups === undefined) return Int32Array.from({ length: columns }, (_, column) => column);
  const columnOf = new Int32Array(columns).fill(-1);
  groups.forEach((members, sum) => {
    columnOf[members[0] as number] = sum;
  });
  return columnOf;
}

function rowOver(matrix: SparseMatrix, row: number, columnOf: Int32Array): ThroughputAffine['rows'][number] {
  const entries: [number, number][] = [];
  matrix.forRow(row, (column, value) => {
    const sum = columnOf[column] as number;
    if (sum >= 0) entries.push([sum, value]);
  });
  entries.sort((a, b) => a[0] - b[0]);
  return {
    columns: Int32Array.from(entries, ([column]) => column),
    values: Float64Array.from(entries, ([, value]) => value),
  };
}
