/** Models: facts, and client artefacts. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';

import type { ServiceParts } from '../parts.js';
import { binaryReply, json, modelParams, modelRef, replies } from '../schemas.js';

type ModelParams = InferOutput<typeof modelParams>;

export function modelRoutes(app: FastifyInstance, { models, limits }: ServiceParts): void {
  app.get(
    '/v1/models',
    {
      schema: {
        summary: 'All models',
        tags: ['models'],
        response: replies({
          200: {
            type: 'object',
            required: ['models'],
            properties: { models: { type: 'array', items: modelRef } },
          },
        }),
      },
    },
    async () => ({ models: models.all.map((model) => model.info(limits.imagesPerRequest)) }),
  );

  app.get<{ Params: ModelParams }>(
    '/v1/models/:model',
    {
      schema: {
        summary: 'One model, by id or name',
        tags: ['models'],
        params: json(modelParams),
        response: replies({ 200: modelRef }),
      },
    },
    async (request) => models.find(request.params.model).info(limits.imagesPerRequest),
  );

  app.get<{ Params: ModelParams }>(
    '/v1/models/:model/client',
    {
      schema: {
        summary: 'Client artefact: parameters, input layout, output decoding, no weights',
        tags: ['models'],
        params: json(modelParams),
        response: replies({ 200: binaryReply('The artefact') }),
      },
    },
    async (request, reply) => {
      const { clientArtefact } = models.find(request.params.model);
      const { buffer, byteOffset, byteLength } = clientArtefact;
      reply.header('content-type', 'application/octet-stream');
      return Buffer.from(buffer, byteOffset, byteLength);
    },
  );
}
