/** JSON schemas of the HTTP interface: they validate requests, shape replies and describe both. */

export const errorSchema = {
  $id: 'Error',
  type: 'object',
  description: 'Every error: a stable code for programs and a message for people',
  required: ['code', 'message'],
  properties: { code: { type: 'string' }, message: { type: 'string' } },
} as const;

const count = { type: 'integer', minimum: 0 } as const;
const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;
const label = { type: 'string', minLength: 1, maxLength: 100 } as const;

export const modelSchema = {
  $id: 'Model',
  type: 'object',
  required: ['id', 'name', 'parametersId', 'layers', 'inputCiphertexts', 'outputCiphertexts'],
  properties: {
    id: { type: 'string' },
    name: { type: 'string' },
    parametersId: { type: 'string', description: 'SHA-256 of the encryption parameters' },
    layers: { type: 'array', items: { type: 'string' } },
    inputCiphertexts: { ...count, description: 'Ciphertexts of one image' },
    inputBytesMax: { ...count, description: 'Largest envelope of one of them' },
    outputCiphertexts: count,
    outputBytesMax: count,
    keyBytesMax: { ...count, description: 'Largest envelope of evaluation keys' },
    imagesPerRequest: count,
    clientArtefactBytes: count,
  },
} as const;

export const keySchema = {
  $id: 'Keys',
  type: 'object',
  required: [
    'id',
    'state',
    'bytes',
    'modelId',
    'parametersId',
    'expiresAt',
    'chunkBytes',
    'chunks',
    'received',
  ],
  properties: {
    id: { ...sha256, description: 'SHA-256 of the envelope' },
    state: { type: 'string', enum: ['uploading', 'stored'] },
    bytes: count,
    modelId: { type: 'string' },
    parametersId: { type: 'string' },
    expiresAt: { type: 'string', format: 'date-time', description: 'If nobody uses them' },
    chunkBytes: { ...count, description: 'Size of every chunk but the last one' },
    chunks: count,
    received: { type: 'array', items: count, description: 'Numbers of the chunks that are there' },
  },
} as const;

export const startUploadSchema = {
  type: 'object',
  required: ['sha256', 'bytes', 'model', 'parametersId'],
  additionalProperties: false,
  properties: {
    sha256,
    bytes: { type: 'integer', minimum: 1 },
    model: { ...label, description: 'Id or name' },
    parametersId: { type: 'string', minLength: 1, maxLength: 128 },
  },
} as const;

export const modelParams = { type: 'object', required: ['model'], properties: { model: label } } as const;
export const keyParams = { type: 'object', required: ['id'], properties: { id: sha256 } } as const;
export const chunkParams = {
  type: 'object',
  required: ['id', 'n'],
  properties: { id: sha256, n: { type: 'integer', minimum: 0, maximum: 65_535 } },
} as const;

export const inferQuery = {
  type: 'object',
  required: ['key'],
  properties: {
    key: { ...sha256, description: 'Id of uploaded evaluation keys' },
    from: { ...count, description: 'First layer; default 0' },
    to: { ...count, description: 'Last layer, included; default the last one' },
    images: {
      type: 'integer',
      minimum: 1,
      description: 'Images in the body; default: as many as the ciphertexts make',
    },
  },
} as const;

/** PyCrCNN's request, with the id of uploaded keys. */
export const computeSchema = {
  type: 'object',
  required: ['net', 'key'],
  properties: {
    net: { ...label, description: 'Id or name of the model' },
    key: { ...sha256, description: 'Id of uploaded evaluation keys' },
    layers: { type: 'array', maxItems: 10_000, items: count, description: 'Consecutive layers; default all' },
    data: { description: 'Nested lists of ciphertext envelopes in base64; the outermost list is the images' },
    image: { description: 'Another name of data' },
    max_threads: { type: 'integer', description: 'Taken for compatibility; the service decides' },
    encryption_parameters: {
      type: 'array',
      maxItems: 16,
      items: { type: 'object' },
      description:
        "Taken for compatibility: the model's parameters hold; a parameters_id is compared with them",
    },
  },
} as const;

const ref = (id: string) => ({ $ref: `${id}#` });
export const errorReplies = { '4xx': ref('Error'), '5xx': ref('Error') } as const;

/** Replies of a route: the given ones and errors. */
export function replies(ok: Record<number, unknown>): Record<string, unknown> {
  return { ...ok, ...errorReplies };
}

export const modelRef = ref('Model');
export const keyRef = ref('Keys');
export const binaryReply = (description: string) => ({
  description,
  content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
});
