/**
 * The form of the two halves of a compiled model. The server's holds weights, layout and parameters; the client's holds
 * what is needed to encrypt an input and to read the answer, and no weights. `checks.ts` has what must agree with what.
 */
import * as v from 'valibot';
import { type AffineStage, sizeOf } from '../network/network.js';
import type { ActivationStage } from '../network/normalize.js';
import type { SparseMatrix } from '../network/sparse-matrix.js';
import type { Layout } from '../plan/layout.js';
import type { CkksChoice } from '../plan/parameters.js';
import type { Schedule, Step } from '../plan/schedule.js';
import { RING_DEGREES } from '../plan/security.js';
import { HeArtefactError } from './errors.js';

export const ARTEFACT_VERSION = 1;

const PRIMES_MOST = 62;
const ELEMENTS_MOST = 2 ** 28;
const LIST_MOST = 100_000;

const real = v.pipe(v.number(), v.finite());
const positive = v.pipe(v.number(), v.finite(), v.minValue(Number.MIN_VALUE));
const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));
/** Can be printed on one line. */
const text = v.pipe(v.string(), v.regex(/^[^\p{Cc}]{0,1000}$/u));
const list = <S extends v.GenericSchema>(item: S, least = 0, most = LIST_MOST) =>
  v.pipe(v.array(item), v.minLength(least), v.maxLength(most));
const integers = v.custom<Int32Array>((value) => value instanceof Int32Array, 'No array of integers');
const numbers = v.custom<Float64Array>(
  (value) => value instanceof Float64Array && value.every(Number.isFinite),
  'No array of finite numbers',
);

const shape = v.pipe(
  list(whole(1, ELEMENTS_MOST), 0, 8),
  v.check((sizes) => sizeOf(sizes) <= ELEMENTS_MOST, 'Too many elements'),
);
const level = whole(1, PRIMES_MOST);
const prime = whole(2 ** 12, 2 ** 30);

const parameters = v.object({
  ringDegree: v.picklist(RING_DEGREES),
  primes: list(prime, 1, PRIMES_MOST),
  specialPrime: prime,
  security: v.picklist([128, 192, 256]),
}) satisfies v.GenericSchema<unknown, CkksChoice>;

const tensor = v.object({
  name: text,
  /** With the batch axis, which is 1. */
  shape,
});

const layout = v.object({
  name: text,
  slotOf: integers,
  period: whole(1),
  ciphertexts: whole(1, ELEMENTS_MOST),
}) satisfies v.GenericSchema<unknown, Layout>;

const base = {
  version: v.literal(ARTEFACT_VERSION),
  name: text,
  /** The same in both halves of a compiled model: 16 random bytes in hex. */
  modelId: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  mode: v.picklist(['latency', 'throughput']),
  parameters,
  /** Hex SHA-256; see `hashParameters` of the envelopes. */
  parametersId: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  input: tensor,
  output: tensor,
  /** Largest error of an output that the planner expects. */
  expectedError: v.pipe(real, v.minValue(0)),
};

/** A value between two stages, as a client encrypts or decrypts it. */
const boundary = v.object({
  shape,
  scale: positive,
  /** Primes that a ciphertext has left there. */
  level,
  layout,
});

export const clientSchema = v.object({
  ...base,
  kind: v.literal('client'),
  inputRange: v.object({ low: real, high: real }),
  /** Rotations that evaluation keys are needed for. */
  rotationSteps: list(whole(1)),
  /** Slots of a ciphertext: images in a batch of the throughput mode. */
  slots: whole(1),
  /** `[input, output]`, or all values between stages where the server allows layer ranges. */
  boundaries: list(boundary, 2),
  /** Names of the layers of every stage; without weights, and only where the server allows layer ranges. */
  stages: list(list(text)),
});

const step = v.variant('kind', [
  v.object({
    kind: v.literal('affine'),
    level,
    scaleIn: positive,
    weightScale: positive,
    rescale: v.boolean(),
    scaleOut: positive,
  }),
  v.object({ kind: v.literal('activation'), level, scaleIn: positive, scaleOut: positive }),
]) satisfies v.GenericSchema<unknown, Step>;

const schedule = v.object({
  inputScale: positive,
  outputLevel: level,
  outputScale: positive,
  steps: list(step, 1),
}) satisfies v.GenericSchema<unknown, Schedule>;

const stage = v.variant('kind', [
  v.object({
    kind: v.literal('affine'),
    layers: list(text),
    shape,
    bias: numbers,
    rows: whole(1),
    columns: whole(1),
    rowStart: integers,
    columnIndex: integers,
    values: numbers,
  }),
  v.object({
    kind: v.literal('activation'),
    layers: list(text),
    shape,
    activation: v.variant('kind', [
      v.object({ kind: v.literal('square') }),
      v.object({ kind: v.literal('cubic'), p: real }),
      v.object({ kind: v.literal('quartic'), p: real, r: real }),
    ]),
  }),
]) satisfies v.GenericSchema<unknown, StoredStage>;

export const serverSchema = v.object({
  ...base,
  kind: v.literal('server'),
  schedule,
  network: v.object({ input: tensor, output: tensor, stages: list(stage, 1) }),
  /** Layout of the input and of every affine map's result; none in the throughput mode. */
  layouts: list(layout),
  /** Whether a client may ask for some of the stages only, and so see values between layers. */
  layerRanges: v.boolean(),
});

/** A stage as it is stored: its matrix in parts. */
export type StoredStage =
  | (Omit<AffineStage, 'matrix'> &
      Pick<SparseMatrix, 'rows' | 'columns' | 'rowStart' | 'columnIndex' | 'values'>)
  | ActivationStage;

export function refuse(at: string, why: string): never {
  throw new HeArtefactError(`The artefact is damaged: ${at} ${why}.`);
}

/**
 * A value in the form of a schema, without fields that the schema does not name.
 * @throws HeArtefactError (code HE_ARTEFACT) that names the place
 */
export function read<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  return refuse(v.getDotPath(issues[0]) ?? 'it', `is wrong (${issues[0].message})`);
}
