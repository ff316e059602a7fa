/** Inference: framed ciphertexts in, framed ciphertexts out, each image's result as soon as it is there. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { InferOutput } from 'valibot';

import {
  encodeErrorFrame,
  encodeFrames,
  FRAME_HEADER_BYTES,
  FrameParser,
} from '../../service-client/framing.js';
import type { LayerRange } from '../../worker-pool/engine.js';
import { bodyChunks, declaredLength } from '../body.js';
import { errorReply } from '../error-replies.js';
import { RequestError } from '../errors.js';
import type { ServedModel } from '../models.js';
import type { ServiceParts } from '../parts.js';
import { limitSilence } from '../reply-silence.js';
import type { RequestContext } from '../request-context.js';
import { binaryReply, inferQuery, json, modelParams, replies } from '../schemas.js';
import { keysFor, withoutDamagedKeys } from './keys-of-request.js';

/** Ciphertexts of a body, as images of equal numbers of them. */
async function readImages(
  body: unknown,
  bytes: number,
  model: ServedModel,
  range: LayerRange | undefined,
  declaredImages: number | undefined,
  { limits }: ServiceParts,
): Promise<Uint8Array[][]> {
  const { perImage, ciphertextBytes } = model.inputLimits(range);
  const most = declaredImages ?? limits.imagesPerRequest;
  const parser = new FrameParser({ frameBytes: ciphertextBytes, frames: most * perImage });
  const frames: Uint8Array[] = [];
  for await (const chunk of bodyChunks(body, bytes, limits))
    for (const frame of parser.push(chunk)) if (frame instanceof Uint8Array) frames.push(frame);
  parser.end();
  const images = declaredImages ?? frames.length / perImage;
  if (frames.length === 0 || !Number.isInteger(images) || frames.length !== images * perImage)
    throw new RequestError(
      'FRAMES_MALFORMED',
      `${frames.length} ciphertexts are no ${declaredImages ?? 'whole'} images of ${perImage} each`,
    );
  return Array.from({ length: images }, (_, i) => frames.slice(i * perImage, (i + 1) * perImage));
}

/** The largest body that a request may have. */
function bodyBytesMax(model: ServedModel, range: LayerRange | undefined, images: number): number {
  const { perImage, ciphertextBytes } = model.inputLimits(range);
  return images * perImage * (ciphertextBytes + FRAME_HEADER_BYTES);
}

async function* framed(
  first: Uint8Array[],
  rest: AsyncGenerator<Uint8Array[], void, undefined>,
  reply: FastifyReply,
  context: RequestContext,
  { limits }: ServiceParts,
): AsyncGenerator<Uint8Array, void, undefined> {
  const send = (bytes: Uint8Array) => {
    context.bytesOut += bytes.length;
    limitSilence(reply, limits.replyIdleMs);
    return bytes;
  };
  try {
    yield send(encodeFrames(first));
    for (;;) {
      // While an evaluation goes on, the connection is silent for good reason.
      limitSilence(reply, 0);
      const next = await rest.next();
      if (next.done) break;
      if (next.value.length !== first.length) throw new Error('results of one request differ in their size');
      yield send(encodeFrames(next.value));
    }
  } catch (error) {
    const { code, message, status } = errorReply(error);
    if (status >= 500) reply.log.error({ err: error }, 'a reply breaks off');
    yield send(encodeErrorFrame(code, message));
  } finally {
    limitSilence(reply, limits.replyIdleMs);
    await rest.return();
  }
}

export function inferRoutes(app: FastifyInstance, parts: ServiceParts): void {
  const { models, limits, contexts, budget, pool, runner } = parts;

  app.post<{
    Params: InferOutput<typeof modelParams>;
    Querystring: InferOutput<typeof inferQuery>;
    Body: Readable;
  }>(
    '/v1/models/:model/infer',
    {
      schema: {
        summary: 'Evaluate a model, or some of its layers, on ciphertexts',
        description:
          'Body and reply are frames: a length (u32, little-endian) and the envelope of one ciphertext; all frames of ' +
          'the first image, then those of the second one, and so on. The header x-frames-per-image says how many ' +
          'frames of the reply make a result. Results are sent as they are ready; if a later one fails, the length ' +
          '2^32 - 1 is followed by a length and an error in JSON, and the reply ends.',
        tags: ['inference'],
        consumes: ['application/octet-stream'],
        params: json(modelParams),
        querystring: json(inferQuery),
        response: replies({ 200: binaryReply('Framed ciphertexts') }),
      },
    },
    async (request, reply) => {
      const context = contexts.of(request);
      const { query, body } = request;
      const model = models.find(request.params.model);
      const range = model.range(query.from, query.to);
      if (query.images !== undefined && query.images > limits.imagesPerRequest)
        throw new RequestError('BODY_TOO_LARGE', `a request has at most ${limits.imagesPerRequest} images`);
      const keys = keysFor(parts, context, model, query.key);
      const imagesMax = query.images ?? limits.imagesPerRequest;
      const bytes = declaredLength(request.raw, bodyBytesMax(model, range, imagesMax));
      // Before the body: nobody should send megabytes to hear that the queue is full.
      pool.checkRoom(context.knownTenant);
      context.hold(budget.reserve(bytes, context.knownTenant));
      const images = await readImages(body, bytes, model, range, query.images, parts);
      context.bytesIn += bytes;
      context.hold(budget.reserve(images.length * model.resultBytes(range), context.knownTenant));

      const { signal, knownTenant: tenant } = context;
      const results = runner.run({ tenant, model, keys, images, range, signal });
      const first = await withoutDamagedKeys(parts, keys, () => results.next());
      if (first.done) throw new Error('an inference without a result');
      reply.header('content-type', 'application/octet-stream');
      reply.header('x-frames-per-image', first.value.length);
      return reply.send(
        Readable.from(framed(first.value, results, reply, context, parts), { objectMode: false }),
      );
    },
  );
}
