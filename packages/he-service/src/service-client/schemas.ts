/**
 * What client and service say in JSON: one schema gives the type, the client's check of replies, and (by way of JSON
 * Schema, `service/schemas.ts`) the service's check of requests and its description. Safe in browsers.
 */
import * as v from 'valibot';
import { HeReplyError } from './errors.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;

/** Texts of a service are shown in terminals, where control characters are commands. */
export const printable = (text: string, most: number): string => text.slice(0, most).replace(CONTROLS, ' ');

/** Most chunks of an upload; a service that asks for more would keep its clients busy for days. */
export const CHUNKS_MOST = 65_536;
const LAYERS_MOST = 10_000;
const MODELS_MOST = 10_000;

export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const some = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
export const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const text = v.pipe(v.string(), v.regex(/^[^\p{Cc}]{1,1000}$/u));

/** Facts of a model that a client needs. */
export const modelInfo = v.object({
  id: text,
  name: text,
  /** Hex SHA-256 of the encryption parameters. */
  parametersId: v.pipe(hash, v.description('SHA-256 of the encryption parameters')),
  /** Names of the layers, in order. */
  layers: v.pipe(v.array(text), v.maxLength(LAYERS_MOST)),
  /** Ciphertexts of one image, and the largest envelope of one. */
  inputCiphertexts: v.pipe(some, v.description('Ciphertexts of one image')),
  inputBytesMax: v.pipe(some, v.description('Largest envelope of one of them')),
  outputCiphertexts: some,
  outputBytesMax: some,
  keyBytesMax: v.pipe(some, v.description('Largest envelope of evaluation keys')),
  /** Images that one request may hold. */
  imagesPerRequest: some,
  clientArtefactBytes: count,
});
export type ModelInfo = Readonly<v.InferOutput<typeof modelInfo>>;

export const modelList = v.object({ models: v.pipe(v.array(modelInfo), v.maxLength(MODELS_MOST)) });

const keyFields = v.object({
  /** Hex SHA-256 of the envelope. */
  id: v.pipe(hash, v.description('SHA-256 of the envelope')),
  state: v.picklist(['uploading', 'stored']),
  bytes: some,
  modelId: text,
  parametersId: text,
  /** When the service forgets them if nobody uses them, ISO 8601. */
  expiresAt: v.pipe(text, v.description('If nobody uses them')),
  /** Bytes of every chunk but the last one. */
  chunkBytes: v.pipe(some, v.description('Size of every chunk but the last one')),
  chunks: v.pipe(some, v.maxValue(CHUNKS_MOST)),
  /** Numbers of the chunks that are there; all of them once stored. */
  received: v.pipe(
    v.array(count),
    v.maxLength(CHUNKS_MOST),
    v.description('Numbers of the chunks that are there'),
  ),
});
/** State of evaluation keys at the service. */
export const keyInfo = v.pipe(
  keyFields,
  v.check(
    ({ bytes, chunkBytes, chunks, received }) =>
      chunks === Math.ceil(bytes / chunkBytes) &&
      new Set(received).size === received.length &&
      received.every((n) => n < chunks),
    'its chunks contradict each other',
  ),
);
export type KeyInfo = Readonly<v.InferOutput<typeof keyInfo>>;

export const startUpload = v.strictObject({
  sha256: hash,
  bytes: some,
  model: v.pipe(v.string(), v.minLength(1), v.maxLength(100), v.description('Id or name')),
  parametersId: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
});

/** Every error. */
export const errorInfo = v.object({
  code: v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,63}$/)),
  message: v.string(),
});

/**
 * A reply in the form of a schema.
 * @throws HeReplyError that names what is impossible
 */
export function reply<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const at = v.getDotPath(issues[0]) ?? 'it';
  throw new HeReplyError(`the reply is impossible: ${at}: ${printable(issues[0].message, 200)}`);
}
