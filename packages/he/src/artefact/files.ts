/** The two halves of a compiled model as files: envelopes round their contents. */
import { openEnvelope, sealEnvelope } from '../envelope/index.js';
import {
  type ClientArtefact,
  decodeClientArtefact,
  decodeServerArtefact,
  encodeClientArtefact,
  encodeServerArtefact,
  type ServerArtefact,
} from './artefacts.js';
import { HeArtefactError } from './errors.js';

type Kind = 'server artefact' | 'client artefact';

export const packServerArtefact = (artefact: ServerArtefact): Promise<Uint8Array> =>
  pack('server artefact', artefact.parametersId, encodeServerArtefact(artefact));

export const packClientArtefact = (artefact: ClientArtefact): Promise<Uint8Array> =>
  pack('client artefact', artefact.parametersId, encodeClientArtefact(artefact));

/** @throws HeArtefactError (code HE_ARTEFACT) */
export const unpackServerArtefact = async (bytes: Uint8Array): Promise<ServerArtefact> =>
  decodeServerArtefact(await unpack('server artefact', bytes));

/** @throws HeArtefactError (code HE_ARTEFACT) */
export const unpackClientArtefact = async (bytes: Uint8Array): Promise<ClientArtefact> =>
  decodeClientArtefact(await unpack('client artefact', bytes));

function pack(kind: Kind, parametersId: string, payload: Uint8Array): Promise<Uint8Array> {
  return sealEnvelope({ kind, parametersId, payloads: [payload] });
}

async function unpack(kind: Kind, bytes: Uint8Array): Promise<Uint8Array> {
  try {
    const { payloads } = await openEnvelope(bytes, { kind, maxPayloads: 1 });
    return payloads[0] ?? new Uint8Array();
  } catch (cause) {
    throw new HeArtefactError(`This is no ${kind} of a compiled model: ${(cause as Error).message}.`, {
      cause,
    });
  }
}
