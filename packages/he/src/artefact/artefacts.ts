/** The two halves of a compiled model as bytes. */
import { readClientArtefact, readServerArtefact } from './checks.js';
import { HeArtefactError } from './errors.js';
import { ARTEFACT_VERSION, type StoredStage } from './schemas.js';
import { decodeSections, encodeSections } from './sections.js';
import type { ClientArtefact, ServerArtefact } from './types.js';

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
    throw new HeArtefactError('This is not a compiled model.');
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
