/** The two halves of a compiled model as files: envelopes round their contents. */

import { ckksShape, hashParameters, openEnvelope, sealEnvelope } from '../envelope/index.js';
import { backendParameters } from '../plan/backend-parameters.js';
import {
  decodeClientArtefact,
  decodeServerArtefact,
  encodeClientArtefact,
  encodeServerArtefact,
} from './artefacts.js';
import { HeArtefactError } from './errors.js';
import type { ClientArtefact, ServerArtefact } from './types.js';

type Kind = 'server artefact' | 'client artefact';

/**
 * The half of a compiled model that evaluates, as bytes.
 * @param artefact what the service needs: weights and plan
 * @returns an envelope, to be kept by the service
 */
export const packServerArtefact = (artefact: ServerArtefact): Promise<Uint8Array> =>
  pack('server artefact', artefact.parametersId, encodeServerArtefact(artefact));

/**
 * The half of a compiled model that encrypts and decrypts, as bytes.
 * @param artefact what clients need: parameters and layouts, no weights
 * @returns an envelope, public
 */
export const packClientArtefact = (artefact: ClientArtefact): Promise<Uint8Array> =>
  pack('client artefact', artefact.parametersId, encodeClientArtefact(artefact));

/** @throws HeArtefactError (code HE_ARTEFACT) */
export const unpackServerArtefact = (bytes: Uint8Array): Promise<ServerArtefact> =>
  unpack('server artefact', bytes, decodeServerArtefact);

/**
 * What `packClientArtefact` packed.
 * @param bytes of `packClientArtefact`, possibly from somebody else
 * @returns the artefact, all of it checked
 * @throws HeArtefactError (code HE_ARTEFACT)
 */
export const unpackClientArtefact = (bytes: Uint8Array): Promise<ClientArtefact> =>
  unpack('client artefact', bytes, decodeClientArtefact);

function pack(kind: Kind, parametersId: string, payload: Uint8Array): Promise<Uint8Array> {
  return sealEnvelope({ kind, parametersId, payloads: [payload] });
}

async function unpack<A extends ServerArtefact | ClientArtefact>(
  kind: Kind,
  bytes: Uint8Array,
  decode: (payload: Uint8Array) => A,
): Promise<A> {
  const { parametersId, payload } = await open(kind, bytes);
  const artefact = decode(payload);
  const { parameters } = artefact;
  const id = await hashParameters(backendParameters(parameters), ckksShape(parameters));
  if (artefact.parametersId !== id || parametersId !== id)
    throw new HeArtefactError(`This ${kind} says that it is for other parameters than those in it.`);
  return artefact;
}

async function open(kind: Kind, bytes: Uint8Array) {
  try {
    const { payloads, parametersId } = await openEnvelope(bytes, { kind, maxPayloads: 1 });
    return { parametersId, payload: payloads[0] ?? new Uint8Array() };
  } catch (cause) {
    throw new HeArtefactError(`This is no ${kind} of a compiled model: ${(cause as Error).message}.`, {
      cause,
    });
  }
}
