/** Evaluation keys: uploads in chunks, state, removal. A key's id is the SHA-256 of its envelope. */
import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import type { KeyInfo } from '../../service-client/schemas.js';
import { EngineRefusalError } from '../../worker-pool/errors.js';
import { declaredLength, readBody } from '../body.js';
import { RequestError } from '../errors.js';
import { chunkCount, chunkSize, type KeyEntry } from '../key-store/key-store.js';
import type { ServiceParts } from '../parts.js';
import { chunkParams, json, keyParams, keyRef, replies, startUpload } from '../schemas.js';

type KeyParams = InferOutput<typeof keyParams>;

export function keyRoutes(app: FastifyInstance, parts: ServiceParts): void {
  const { store, models, contexts, runner, limits, budget } = parts;

  const info = (entry: KeyEntry): KeyInfo => {
    const chunks = chunkCount(entry);
    const all = () => Array.from({ length: chunks }, (_, n) => n);
    return {
      id: entry.id,
      state: entry.state,
      bytes: entry.bytes,
      modelId: entry.modelId,
      parametersId: entry.parametersId,
      expiresAt: new Date(store.expiresAt(entry)).toISOString(),
      chunkBytes: entry.chunkBytes,
      chunks,
      received: entry.state === 'stored' ? all() : [...entry.received].sort((a, b) => a - b),
    };
  };

  app.post<{ Body: InferOutput<typeof startUpload> }>(
    '/v1/keys',
    {
      schema: {
        summary: 'Start an upload, or go on with one',
        description: 'Answers 201 for a new upload; 200 with the chunks that are there for a known one.',
        tags: ['keys'],
        body: json(startUpload),
        response: replies({ 200: keyRef, 201: keyRef }),
      },
    },
    async (request, reply) => {
      const { sha256, bytes, parametersId } = request.body;
      const model = models.find(request.body.model);
      if (parametersId !== model.facts.parametersId)
        throw new RequestError(
          'PARAMETERS_MISMATCH',
          `the keys are of other parameters than model ${model.name}`,
        );
      if (bytes > model.facts.keyBytesMax)
        throw new RequestError(
          'KEY_TOO_LARGE',
          `the keys have ${bytes} bytes, those of model ${model.name} at most ${model.facts.keyBytesMax}`,
        );
      const tenant = contexts.of(request).knownTenant;
      const entry = await store.begin({ tenant, id: sha256, bytes, modelId: model.id, parametersId });
      reply.status(entry.state === 'uploading' && entry.received.size === 0 ? 201 : 200);
      return info(entry);
    },
  );

  app.get<{ Params: KeyParams }>(
    '/v1/keys/:id',
    {
      schema: {
        summary: 'State of keys or of their upload',
        tags: ['keys'],
        params: json(keyParams),
        response: replies({ 200: keyRef }),
      },
    },
    async (request) => info(store.find(contexts.of(request).knownTenant, request.params.id)),
  );

  app.put<{ Params: InferOutput<typeof chunkParams>; Body: Readable }>(
    '/v1/keys/:id/chunks/:n',
    {
      schema: {
        summary: 'One chunk of an upload; again if the connection broke',
        tags: ['keys'],
        consumes: ['application/octet-stream'],
        params: json(chunkParams),
        response: replies({ 204: { type: 'null', description: 'The chunk is there' } }),
      },
    },
    async (request, reply) => {
      const context = contexts.of(request);
      const entry = store.find(context.knownTenant, request.params.id);
      const { n } = request.params;
      if (n >= chunkCount(entry))
        throw new RequestError('BAD_REQUEST', `there is no chunk ${n} of ${chunkCount(entry)}`);
      const expected = chunkSize(entry, n);
      const bytes = declaredLength(request.raw, expected);
      if (bytes !== expected)
        throw new RequestError('BODY_LENGTH_WRONG', `chunk ${n} has ${expected} bytes, not ${bytes}`);
      context.hold(budget.reserve(bytes, context.knownTenant));
      const chunk = await readBody(request.body, bytes, limits);
      context.bytesIn += bytes;
      if (entry.state === 'uploading' && !entry.completing) await store.writeChunk(entry, n, chunk);
      return reply.status(204).send();
    },
  );

  app.post<{ Params: KeyParams }>(
    '/v1/keys/:id/complete',
    {
      schema: {
        summary: 'Finish an upload: the SHA-256 is compared, a worker loads the keys',
        tags: ['keys'],
        params: json(keyParams),
        response: replies({ 200: keyRef }),
      },
    },
    async (request) => {
      const tenant = contexts.of(request).knownTenant;
      const entry = store.find(tenant, request.params.id);
      const model = models.find(entry.modelId);
      const check = (path: string) => runner.checkKeys(tenant, model, entry, path);
      // A full queue is no fault of the keys, and neither is a chunk that is still missing.
      const keepsUpload = (error: unknown) =>
        !(error instanceof EngineRefusalError) &&
        !(error instanceof RequestError && error.code === 'KEY_HASH_MISMATCH');
      return info(await store.complete(entry, check, keepsUpload));
    },
  );

  app.delete<{ Params: KeyParams }>(
    '/v1/keys/:id',
    {
      schema: {
        summary: 'Remove keys or an upload',
        tags: ['keys'],
        params: json(keyParams),
        response: replies({ 204: { type: 'null', description: 'Gone' } }),
      },
    },
    async (request, reply) => {
      await store.remove(store.find(contexts.of(request).knownTenant, request.params.id));
      return reply.status(204).send();
    },
  );
}
