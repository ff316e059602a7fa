/** The envelopes of the test engine, and what it computes. */
import { createHash } from 'node:crypto';
import { foreignCode, TacitError } from '@tacit/errors';
import { randomBytes } from '@tacit/testing/random';
import type { ModelArtefacts } from '../../src/service/index.js';

export interface TestModel {
  readonly id: string;
  readonly parametersId: string;
  readonly layers: readonly string[];
  readonly inputCiphertexts: number;
  readonly outputCiphertexts: number;
  readonly inputBytesMax?: number;
  readonly keyBytesMax?: number;
  /** Bytes that every output has more than it needs. */
  readonly outputPadding?: number;
  /** The engine does not say what enters its layers. */
  readonly opaque?: boolean;
  /** Bytes of keys that the engine has memory for. */
  readonly keyMemory?: number;
}

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();
export const idOf = (bytes: Uint8Array) => sha256(bytes).toString('hex');
export const fingerprintOf = (keys: Uint8Array) => idOf(keys).slice(0, 16);

export function makeModel(name: string, changes: Partial<TestModel> = {}): TestModel {
  return {
    id: sha256(`model ${name}`).toString('hex'),
    parametersId: sha256('parameters').toString('hex'),
    layers: ['conv1', 'square1', 'linear1'],
    inputCiphertexts: 2,
    outputCiphertexts: 2,
    ...changes,
  };
}

export function artefactsOf(name: string, model = makeModel(name)): ModelArtefacts {
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return { name, server: text(model), client: text({ client: name }) };
}

/** SHA-256 of the rest, kind, parameters, fingerprint of keys, payload. */
export function makeEnvelope(
  kind: 'KEYS' | 'CIPH',
  parametersId: string,
  fingerprint: string,
  payload: Uint8Array,
): Uint8Array {
  const rest = Buffer.concat([
    Buffer.from(kind),
    Buffer.from(parametersId, 'hex'),
    Buffer.from(fingerprint.padEnd(16, '0'), 'hex'),
    payload,
  ]);
  return Uint8Array.from(Buffer.concat([sha256(rest), rest]));
}

export function openEnvelope(envelope: Uint8Array, kind: string, parametersId: string) {
  const bytes = Buffer.from(envelope);
  if (bytes.length < 76 || !sha256(bytes.subarray(32)).equals(bytes.subarray(0, 32)))
    throw new TacitError(foreignCode('TEST_GARBLED'), 'the envelope is garbled');
  if (bytes.subarray(32, 36).toString() !== kind)
    throw new TacitError(foreignCode('TEST_KIND'), `these are no ${kind}`);
  if (bytes.subarray(36, 68).toString('hex') !== parametersId)
    throw new TacitError(foreignCode('TEST_PARAMETERS'), 'other parameters');
  return { fingerprint: bytes.subarray(68, 76).toString('hex'), payload: bytes.subarray(76) };
}

export const makeKeys = (model: TestModel, bytes = 5000): Uint8Array =>
  makeEnvelope('KEYS', model.parametersId, '', randomBytes(bytes));

/** Ciphertexts of one image. */
export function makeImage(model: TestModel, keys: Uint8Array, text: string): Uint8Array[] {
  const fingerprint = fingerprintOf(keys);
  return Array.from({ length: model.inputCiphertexts }, (_, i) =>
    makeEnvelope('CIPH', model.parametersId, fingerprint, Buffer.from(i === 0 ? text : `${i} ${text}`)),
  );
}

export function layerHash(model: TestModel, layer: number, fingerprint: string, state: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.from(`${model.id} ${layer} ${fingerprint} `), state]));
}

/** What the service must answer. */
export function expectedResult(
  model: TestModel,
  keys: Uint8Array,
  image: readonly Uint8Array[],
): Uint8Array[] {
  const fingerprint = fingerprintOf(keys);
  let state: Uint8Array = sha256(Buffer.concat(image.map((input) => Buffer.from(input).subarray(76))));
  for (let layer = 0; layer < model.layers.length; layer++)
    state = layerHash(model, layer, fingerprint, state);
  return Array.from({ length: model.outputCiphertexts }, (_, i) =>
    makeEnvelope(
      'CIPH',
      model.parametersId,
      fingerprint,
      Buffer.concat([state, Buffer.alloc(i + (model.outputPadding ?? 0))]),
    ),
  );
}
