/** The HTTP interface in JSON Schema: it validates requests, shapes replies and describes both. */
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import {
  CHUNKS_MOST,
  count,
  errorInfo,
  hash,
  keyInfo,
  modelInfo,
  modelList,
  some,
  startUpload,
} from '../service-client/schemas.js';

/** In JSON Schema; what that has no word for (whether fields agree) is left to the code. */
export function json(schema: v.GenericSchema): Record<string, unknown> {
  const { $schema: _, ...rest } = toJsonSchema(schema, { errorMode: 'ignore' });
  return rest;
}

/** With names, for the description. */
export const namedSchemas = [
  {
    $id: 'Error',
    description: 'Every error: a stable code for programs and a message for people',
    ...json(errorInfo),
  },
  { $id: 'Model', ...json(modelInfo) },
  { $id: 'Keys', ...json(keyInfo) },
];

const label = v.pipe(v.string(), v.minLength(1), v.maxLength(100));
const keyId = v.pipe(hash, v.description('Id of uploaded evaluation keys'));

export const modelParams = v.object({ model: label });
export const keyParams = v.object({ id: hash });
export const chunkParams = v.object({ id: hash, n: v.pipe(count, v.maxValue(CHUNKS_MOST - 1)) });

export const inferQuery = v.object({
  key: keyId,
  from: v.optional(v.pipe(count, v.description('First layer; default 0'))),
  to: v.optional(v.pipe(count, v.description('Last layer, included; default the last one'))),
  images: v.optional(
    v.pipe(some, v.description('Images in the body; default: as many as the ciphertexts make')),
  ),
});

/** PyCrCNN's request, with the id of uploaded keys. */
export const computeBody = v.object({
  net: v.pipe(label, v.description('Id or name of the model')),
  key: keyId,
  layers: v.optional(
    v.pipe(v.array(count), v.maxLength(10_000), v.description('Consecutive layers; default all')),
  ),
  data: v.pipe(
    v.optional(v.unknown()),
    v.description('Nested lists of ciphertext envelopes in base64; the outermost list is the images'),
  ),
  image: v.pipe(v.optional(v.unknown()), v.description('Another name of data')),
  max_threads: v.optional(
    v.pipe(v.number(), v.integer(), v.description('Taken for compatibility; the service decides')),
  ),
  encryption_parameters: v.optional(
    v.pipe(
      v.array(v.record(v.string(), v.unknown())),
      v.maxLength(16),
      v.description(
        "Taken for compatibility: the model's parameters hold; a parameters_id is compared with them",
      ),
    ),
  ),
});

export const computeReply = v.object({
  data: v.pipe(
    v.array(v.union([v.string(), v.array(v.string())])),
    v.description('A list of ciphertexts for each image; one list if data was flat'),
  ),
});

export const statusReply = v.object({ status: v.string() });
export { modelList, startUpload };

const ref = (id: string) => ({ $ref: `${id}#` });
export const modelRef = ref('Model');
export const keyRef = ref('Keys');

/** Replies of a route: the given ones and errors. */
export function replies(ok: Record<number, unknown>): Record<string, unknown> {
  return { ...ok, '4xx': ref('Error'), '5xx': ref('Error') };
}

export const binaryReply = (description: string) => ({
  description,
  content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
});
