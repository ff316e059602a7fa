/**
 * The two halves of a compiled model. The server's holds weights, layout and parameters; the client's holds what is
 * needed to encrypt an input and to read the answer, and no weights.
 */
import type { AffineStage } from '../network/network.js';
import type { ActivationStage, NormalNetwork } from '../network/normalize.js';
import type { Layout } from '../plan/layout.js';
import type { CkksChoice } from '../plan/parameters.js';
import type { Mode } from '../plan/plan.js';
import type { Schedule } from '../plan/schedule.js';
import { HeArtefactError } from './errors.js';
import { decodeSections, encodeSections } from './sections.js';
import { readClientArtefact, readServerArtefact } from './validate.js';

export const ARTEFACT_VERSION = 1;

/** Hex SHA-256; see `hashParameters` of the envelopes. */
export type ParametersId = string;

export interface TensorInfo {
  readonly name: string;
  /** With the batch axis, which is 1. */
  readonly shape: readonly number[];
}

interface ArtefactBase {
  readonly version: typeof ARTEFACT_VERSION;
  readonly name: string;
  /** The same in both halves of a compiled model: 16 random bytes in hex. */
  readonly modelId: string;
  readonly mode: Mode;
  readonly parameters: CkksChoice;
  readonly parametersId: ParametersId;
  readonly input: TensorInfo;
  readonly output: TensorInfo;
  /** Largest error of an output that the planner expects. */
  readonly expectedError: number;
}

export interface ServerArtefact extends ArtefactBase {
  readonly kind: 'server';
  readonly schedule: Schedule;
  readonly network: NormalNetwork;
  /** Layout of the input and of every affine map's result; none in the throughput mode. */
  readonly layouts: readonly Layout[];
  /** Whether a client may ask for some of the stages only, and so see values between layers. */
  readonly layerRanges: boolean;
}

/** A value between two stages, as a client encrypts or decrypts it. */
export interface Boundary {
  readonly shape: readonly number[];
  readonly scale: number;
  /** Primes that a ciphertext has left there. */
  readonly level: number;
  readonly layout: Layout;
}

export interface ClientArtefact extends ArtefactBase {
  readonly kind: 'client';
  readonly inputRange: { readonly low: number; readonly high: number };
  /** Rotations that evaluation keys are needed for. */
  readonly rotationSteps: readonly number[];
  /** Slots of a ciphertext: images in a batch of the throughput mode. */
  readonly slots: number;
  /** `[input, output]`, or all values between stages where the server allows layer ranges. */
  readonly boundaries: readonly Boundary[];
  /** Names of the layers of every stage; without weights, and only where the server allows layer ranges. */
  readonly stages: readonly (readonly string[])[];
}

/** A stage as it is stored: its matrix in parts. */
export type StoredStage =
  | (Omit<AffineStage, 'matrix'> & {
      readonly rows: number;
      readonly columns: number;
      readonly rowStart: Int32Array;
      readonly columnIndex: Int32Array;
      readonly values: Float64Array;
    })
  | ActivationStage;

export function encodeServerArtefact(artefact: ServerArtefact): Uint8Array<ArrayBuffer> {
  const stages = artefact.network.stages.map((stage): StoredStage => {
    if (stage.kind === 'activation') return stage;
    const { matrix, ...rest } = stage;
    const { rows, columns, rowStart, columnIndex, values } = matrix;
    return { ...rest, rows, columns, rowStart, columnIndex, values };
  });
  return encodeSections({ ...artefact, network: { ...artefact.network, stages } });
}

/** @throws HeArtefactError (code HE_ARTEFACT) */
export function decodeServerArtefact(bytes: Uint8Array): ServerArtefact {
  return readServerArtefact(checked(bytes, 'server'));
}

export const encodeClientArtefact = (artefact: ClientArtefact): Uint8Array<ArrayBuffer> =>
  encodeSections(artefact);

/** @throws HeArtefactError (code HE_ARTEFACT) */
export function decodeClientArtefact(bytes: Uint8Array): ClientArtefact {
  return readClientArtefact(checked(bytes, 'client'));
}

function checked(bytes: Uint8Array, kind: 'server' | 'client'): Record<string, unknown> {
  const value = decodeSections(bytes) as Record<string, unknown> | null;
  if (typeof value !== 'object' || value === null || typeof value.kind !== 'string')
    throw new HeArtefactError('This is no compiled model.');
  if (value.kind !== kind)
    throw new HeArtefactError(
      `This is the ${value.kind} artefact of a compiled model, not the ${kind} artefact.`,
    );
  if (value.version !== ARTEFACT_VERSION)
    throw new HeArtefactError(
      `The artefact has version ${String(value.version)}, this release reads version ${ARTEFACT_VERSION}: compile the model again.`,
    );
  return value;
}
