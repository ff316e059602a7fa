/** Ciphertexts and evaluation keys of one parameter set as they travel: SEAL's bytes, packed, in envelopes. */

import { HeFormatError } from '../errors.js';
import type { CkksChoice } from '../plan/parameters.js';
import {
  ckksShape,
  envelopeBytes,
  openEnvelope,
  packedCiphertextBytes,
  packedSwitchingKeyBytes,
  packSeal,
  type SealShape,
  sealEnvelope,
  unpackGaloisKeys,
  unpackSeal,
} from './index.js';

/** Evaluation keys in SEAL's form. */
export interface SealKeys {
  readonly relinearization: Uint8Array;
  readonly galois?: Uint8Array;
}

export interface OpenedKeys {
  readonly relinearization: Uint8Array;
  /** One Galois key at a time. */
  readonly galois: Iterable<Uint8Array>;
}

export class Wire {
  readonly #shape: SealShape;

  constructor(
    parameters: CkksChoice,
    private readonly parametersId: string,
  ) {
    this.#shape = ckksShape(parameters);
  }

  sealCiphertext(seal: Uint8Array): Promise<Uint8Array> {
    const payloads = [packSeal(seal, 'ciphertext', this.#shape)];
    return sealEnvelope({ kind: 'ciphertext', parametersId: this.parametersId, payloads });
  }

  /** @throws HeFormatError, HeForeignError */
  async openCiphertext(envelope: Uint8Array): Promise<Uint8Array> {
    const { payloads } = await openEnvelope(envelope, {
      kind: 'ciphertext',
      parametersId: this.parametersId,
      maxPayloads: 1,
    });
    return unpackSeal(onlyPayload(payloads), 'ciphertext', this.#shape);
  }

  sealKeys({ relinearization, galois }: SealKeys): Promise<Uint8Array> {
    const payloads = [packSeal(relinearization, 'relinearization key', this.#shape)];
    if (galois !== undefined) payloads.push(packSeal(galois, 'Galois keys', this.#shape));
    return sealEnvelope({ kind: 'evaluation keys', parametersId: this.parametersId, payloads });
  }

  /** @throws HeFormatError, HeForeignError; Galois keys are checked as they are taken */
  async openKeys(envelope: Uint8Array): Promise<OpenedKeys> {
    const { payloads } = await openEnvelope(envelope, {
      kind: 'evaluation keys',
      parametersId: this.parametersId,
      maxPayloads: 2,
    });
    const [relinearization, galois] = payloads;
    if (relinearization === undefined) throw new HeFormatError('this envelope holds no evaluation keys');
    return {
      relinearization: unpackSeal(relinearization, 'relinearization key', this.#shape),
      galois: galois === undefined ? [] : unpackGaloisKeys(galois, this.#shape),
    };
  }
}

function onlyPayload(payloads: readonly Uint8Array[]): Uint8Array {
  const [payload] = payloads;
  if (payload === undefined) throw new HeFormatError('this envelope is empty');
  return payload;
}

/**
 * Largest envelopes of a model: a fresh ciphertext as clients send it, one of its result, and evaluation keys.
 * @param parameters parameters of the model
 * @param model primes that a result still has, and number of rotations that need a key
 * @returns sizes in bytes
 */
export function sealedSizes(
  parameters: CkksChoice,
  { outputLevel, rotations }: { readonly outputLevel: number; readonly rotations: number },
): { readonly fresh: number; readonly result: number; readonly keys: number } {
  const shape = ckksShape(parameters);
  const keys = [packedSwitchingKeyBytes(shape, 1, true)];
  if (rotations > 0) keys.push(packedSwitchingKeyBytes(shape, rotations, true));
  return {
    fresh: envelopeBytes(packedCiphertextBytes(shape, parameters.primes.length, 2, true)),
    result: envelopeBytes(packedCiphertextBytes(shape, outputLevel)),
    keys: envelopeBytes(...keys),
  };
}
