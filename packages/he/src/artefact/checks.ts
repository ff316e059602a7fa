/**
 * What must be true of a decoded artefact before anything is done with it. A client gets its half from a server that it
 * need not trust: nothing in it may make the client loop, run out of memory, or fail depending on its input.
 */

import { ckksShape, packedSwitchingKeyBytes } from '../envelope/index.js';
import { sizeOf } from '../network/network.js';
import { activationDepth, type NormalNetwork } from '../network/normalize.js';
import { SparseMatrix } from '../network/sparse-matrix.js';
import type { Layout } from '../plan/layout.js';
import type { CkksChoice } from '../plan/parameters.js';
import { clientSchema, read, refuse, serverSchema } from './schemas.js';
import type { Boundary, ClientArtefact, ServerArtefact } from './types.js';

/** Ciphertexts of one value in the latency mode; there are seldom more than ten. */
const CIPHERTEXTS_MOST = 4096;
/** Evaluation keys that a client is ready to make. */
const KEY_BYTES_MOST = 2 ** 31;

/** @throws HeArtefactError (code HE_ARTEFACT) */
export function readClientArtefact(value: unknown): ClientArtefact {
  const artefact = read(clientSchema, value);
  const { slots, boundaries, stages, rotationSteps, inputRange, mode } = artefact;
  const { ringDegree, primes } = artefact.parameters;
  if (slots !== ringDegree / 2) refuse('slots', `can't be ${slots} with ring degree ${ringDegree}`);
  if (boundaries.length !== (stages.length > 0 ? stages.length + 1 : 2))
    refuse('boundaries', `has ${boundaries.length} elements for ${stages.length} stages`);
  checkRotations(artefact.parameters, rotationSteps);
  if (inputRange.low > inputRange.high) refuse('inputRange', 'is empty');
  for (const [i, boundary] of boundaries.entries()) {
    const at = `boundaries[${i}]`;
    if (boundary.level > primes.length) refuse(`${at}.level`, `is above ${primes.length}`);
    checkLayout(boundary.layout, sizeOf(boundary.shape), slots, mode, `${at}.layout`);
  }
  const first = boundaries[0] as Boundary;
  const last = boundaries.at(-1) as Boundary;
  if (sizeOf(first.shape) !== sizeOf(artefact.input.shape)) refuse('boundaries[0]', 'is not the input');
  if (sizeOf(last.shape) !== sizeOf(artefact.output.shape)) refuse('the last boundary', 'is not the output');
  // Else whether an input can be encrypted would depend on its values, and the server would see whether it was.
  const largest = Math.max(Math.abs(inputRange.low), Math.abs(inputRange.high));
  if (Math.log2(first.scale * Math.max(1, largest)) > bitsOf(primes) - 2)
    refuse('boundaries[0].scale', 'has no room in the modulus for all inputs in range');
  return artefact;
}

const bitsOf = (primes: readonly number[]) => primes.reduce((sum, q) => sum + Math.log2(q), 0);

function checkRotations(choiceOf: CkksChoice, steps: readonly number[]): void {
  const slots = choiceOf.ringDegree / 2;
  if (new Set(steps).size !== steps.length) refuse('rotationSteps', 'names a step twice');
  if (steps.some((step) => step >= slots)) refuse('rotationSteps', `has a step above ${slots - 1}`);
  const bytes = packedSwitchingKeyBytes(ckksShape(choiceOf), steps.length, true);
  if (bytes > KEY_BYTES_MOST) refuse('rotationSteps', `asks for keys of ${bytes} bytes`);
}

/** Elements have slots of their own, inside of the ciphertexts that there are. */
function checkLayout(
  { slotOf, period, ciphertexts }: Layout,
  size: number,
  slots: number,
  mode: ClientArtefact['mode'],
  at: string,
): void {
  if (mode === 'throughput') {
    if (slotOf.length !== 0 || period !== 1) refuse(at, 'has slots, where every element has a ciphertext');
    if (ciphertexts !== size) refuse(at, `has ${ciphertexts} ciphertexts for ${size} elements`);
    return;
  }
  if (slotOf.length !== size) refuse(`${at}.slotOf`, `has ${slotOf.length} slots for ${size} elements`);
  if (!Number.isInteger(Math.log2(period)) || period > slots) refuse(`${at}.period`, `can't be ${period}`);
  if (ciphertexts > CIPHERTEXTS_MOST || (ciphertexts > 1 && period !== slots))
    refuse(`${at}.ciphertexts`, `can't be ${ciphertexts}`);
  const taken = new Uint8Array(ciphertexts > 1 ? ciphertexts * slots : period);
  for (const slot of slotOf) {
    if (slot < 0 || slot >= taken.length || taken[slot] !== 0)
      refuse(`${at}.slotOf`, `gives slot ${slot}, which is not there or taken`);
    taken[slot] = 1;
  }
}

/** @throws HeArtefactError (code HE_ARTEFACT) */
export function readServerArtefact(value: unknown): ServerArtefact {
  const stored = read(serverSchema, value);
  const stages = stored.network.stages.map((one, i): NormalNetwork['stages'][number] => {
    if (one.kind === 'activation') return one;
    const { rows, columns, rowStart, columnIndex, values, ...rest } = one;
    const matrix = new SparseMatrix(rows, columns, rowStart, columnIndex, values);
    checkMatrix(matrix, `network.stages[${i}]`);
    return { ...rest, matrix };
  });
  const artefact: ServerArtefact = { ...stored, network: { ...stored.network, stages } };
  checkStages(artefact);
  checkSchedule(artefact);
  checkLayouts(artefact);
  return artefact;
}

function checkMatrix({ rows, columns, rowStart, columnIndex, values }: SparseMatrix, at: string): void {
  if (rowStart.length !== rows + 1 || columnIndex.length !== values.length)
    refuse(at, 'has a matrix whose parts do not belong together');
  if (rowStart[0] !== 0 || rowStart[rows] !== values.length) refuse(at, 'has rows outside of the matrix');
  for (let row = 0; row < rows; row++) {
    const end = rowStart[row + 1] as number;
    let before = -1;
    if (end < (rowStart[row] as number) || end > values.length) refuse(at, `has no row ${row}`);
    for (let k = rowStart[row] as number; k < end; k++) {
      const column = columnIndex[k] as number;
      if (column <= before || column >= columns) refuse(at, `has no column ${column} in row ${row}`);
      before = column;
    }
  }
}

/** Affine maps and activations in turn, of sizes that follow from each other. */
function checkStages({ network, input, output }: ServerArtefact): void {
  let size = sizeOf(input.shape);
  for (const [i, one] of network.stages.entries()) {
    const at = `network.stages[${i}]`;
    if (one.kind !== (i % 2 === 0 ? 'affine' : 'activation')) refuse(at, `can't be an ${one.kind} stage`);
    if (one.kind === 'affine') {
      const { rows, columns } = one.matrix;
      if (columns !== size || one.bias.length !== rows)
        refuse(at, `has a map of ${columns} values to ${rows} for ${size} values`);
      size = rows;
    }
    if (sizeOf(one.shape) !== size) refuse(`${at}.shape`, `has not ${size} elements`);
  }
  if (network.stages.length % 2 === 0) refuse('network.stages', 'does not end with an affine map');
  if (size !== sizeOf(output.shape)) refuse('output', `has not ${size} elements`);
}

/** Every step finds the primes that it drops. */
function checkSchedule({ schedule: plan, network, parameters: { primes } }: ServerArtefact): void {
  if (plan.steps.length !== network.stages.length)
    refuse('schedule.steps', `has ${plan.steps.length} steps for ${network.stages.length} stages`);
  let left = primes.length;
  for (const [i, step] of plan.steps.entries()) {
    const at = `schedule.steps[${i}]`;
    const one = network.stages[i];
    if (one === undefined || one.kind !== step.kind) refuse(`${at}.kind`, `can't be ${step.kind}`);
    if (step.level > left) refuse(`${at}.level`, `is above ${left}`);
    const dropped = one.kind === 'activation' ? activationDepth(one.activation) : 0;
    left = step.level - (step.kind === 'affine' && step.rescale ? 1 : dropped);
    if (left < 1) refuse(`${at}.level`, 'leaves no prime');
  }
  if (plan.outputLevel > left) refuse('schedule.outputLevel', `is above ${left}`);
}

function checkLayouts({ layouts, network, mode, parameters: { ringDegree }, ...rest }: ServerArtefact): void {
  if (mode === 'throughput') {
    if (layouts.length > 0 || rest.layerRanges) refuse('layouts', 'are for the latency mode only');
    return;
  }
  const maps = network.stages.filter((one) => one.kind === 'affine');
  const sizes = [sizeOf(rest.input.shape), ...maps.map(({ matrix }) => matrix.rows)];
  if (layouts.length !== sizes.length)
    refuse('layouts', `has ${layouts.length} elements for ${maps.length} affine maps`);
  for (const [i, one] of layouts.entries())
    checkLayout(one, sizes[i] as number, ringDegree / 2, mode, `layouts[${i}]`);
}
