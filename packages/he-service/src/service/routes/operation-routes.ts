/** For those who run the service: health, readiness, metrics, description. */
import type { FastifyInstance } from 'fastify';
import type { ServiceParts } from '../parts.js';
import { json, replies, statusReply } from '../schemas.js';

const status = json(statusReply);
/** Open to everybody, and asked often. */
const open = { rateLimit: false, public: true } as const;

export function operationRoutes(app: FastifyInstance, { pool, metrics, draining }: ServiceParts): void {
  app.get(
    '/',
    { config: open, schema: { hide: true } },
    // What PyCrCNN's client looks for.
    async (_, reply) => reply.type('text/plain').send('Server Works!\n'),
  );

  app.get(
    '/healthz',
    {
      config: open,
      schema: { summary: 'The process answers', tags: ['operation'], response: { 200: status } },
    },
    async () => ({ status: 'ok' }),
  );

  app.get(
    '/readyz',
    {
      config: open,
      schema: {
        summary: 'At least one worker can take requests',
        tags: ['operation'],
        response: { 200: status, 503: status },
      },
    },
    async (_, reply) => {
      const { idle, busy } = pool.stats();
      const status = draining() ? 'draining' : idle + busy > 0 ? 'ready' : 'starting';
      return reply.status(status === 'ready' ? 200 : 503).send({ status });
    },
  );

  app.get(
    '/metrics',
    {
      config: { rateLimit: false },
      schema: {
        summary: 'Metrics in the format of Prometheus; needs a token where tokens are configured',
        tags: ['operation'],
        response: replies({
          200: { description: 'Metrics', content: { 'text/plain': { schema: { type: 'string' } } } },
        }),
      },
    },
    async (_, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );

  app.get('/openapi.json', { config: open, schema: { hide: true } }, async () => app.swagger());
}
