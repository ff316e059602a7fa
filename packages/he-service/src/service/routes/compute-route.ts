/**
 * `POST /compute` as PyCrCNN's client sends it: JSON, ciphertexts in base64. Unlike there the evaluation keys are the
 * client's: they are uploaded before, and named by `key`. The envelopes hold the parameters of their ciphertexts, so
 * `encryption_parameters` need not be believed.
 */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';

import type { LayerRange } from '../../worker-pool/engine.js';
import { RequestError } from '../errors.js';
import type { ServedModel } from '../models.js';
import type { ServiceParts } from '../parts.js';
import { computeBody, computeReply, json, replies } from '../schemas.js';
import { keysFor, withoutDamagedKeys } from './keys-of-request.js';

const DEPTH_MAX = 8;

/** Layers of a list; PyCrCNN takes the slice from the least to the greatest, so holes are an error. */
function rangeOf(model: ServedModel, layers: readonly number[] | undefined): LayerRange | undefined {
  if (layers === undefined || layers.length === 0) return undefined;
  if (layers.some((layer, i) => i > 0 && layer !== (layers[i - 1] ?? 0) + 1))
    throw new RequestError('LAYERS_INVALID', 'layers are consecutive numbers in ascending order');
  return model.range(layers[0], layers[layers.length - 1]);
}

function bytesOf(text: string, most: number): Uint8Array {
  const length = Buffer.byteLength(text, 'base64');
  if (length > most)
    throw new RequestError('BODY_TOO_LARGE', `a ciphertext has ${length} bytes, at most ${most} are allowed`);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0)
    throw new RequestError('BAD_REQUEST', 'a ciphertext is not in base64');
  return Uint8Array.from(Buffer.from(text, 'base64'));
}

/** All texts of nested lists, in row-major order. */
function leaves(value: unknown, most: number, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value) || depth >= DEPTH_MAX)
    throw new RequestError('BAD_REQUEST', `data are lists of base64 texts, nested at most ${DEPTH_MAX} deep`);
  const found: string[] = [];
  for (const item of value) {
    found.push(...leaves(item, most, depth + 1));
    if (found.length > most)
      throw new RequestError('FRAMES_MALFORMED', `an image has at most ${most} ciphertexts`);
  }
  return found;
}

/** The images of `data`: its elements if it holds lists, itself if it is a flat list or one text. */
function imagesOf(data: unknown): { readonly nested: boolean; readonly images: readonly unknown[] } {
  const nested = Array.isArray(data) && data.some((item) => Array.isArray(item));
  return { nested, images: nested ? data : [data] };
}

export function computeRoute(app: FastifyInstance, parts: ServiceParts): void {
  const { models, limits, contexts, runner, budget } = parts;

  app.post<{ Body: InferOutput<typeof computeBody> }>(
    '/compute',
    {
      bodyLimit: limits.computeBodyBytes,
      schema: {
        summary: "PyCrCNN's route: JSON and base64, with uploaded evaluation keys",
        tags: ['inference'],
        body: json(computeBody),
        response: replies({
          200: json(computeReply),
        }),
      },
    },
    async (request) => {
      const context = contexts.of(request);
      const { body } = request;
      const model = models.find(body.net);
      for (const { parameters_id: id } of body.encryption_parameters ?? [])
        if (id !== undefined && id !== model.facts.parametersId)
          throw new RequestError('PARAMETERS_MISMATCH', `model ${model.name} has other parameters`);
      const range = rangeOf(model, body.layers);
      const keys = keysFor(parts, context, model, body.key);
      const { perImage, ciphertextBytes } = model.inputLimits(range);
      const { nested, images: values } = imagesOf(body.data ?? body.image);
      if (values.length > limits.imagesPerRequest)
        throw new RequestError('BODY_TOO_LARGE', `a request has at most ${limits.imagesPerRequest} images`);
      const images = values.map((value) =>
        leaves(value, perImage).map((text) => bytesOf(text, ciphertextBytes)),
      );
      if (images.some((image) => image.length !== perImage))
        throw new RequestError('FRAMES_MALFORMED', `an image has ${perImage} ciphertexts`);
      // The results, and their base64.
      context.hold(budget.reserve(3 * images.length * model.resultBytes(range), context.knownTenant));

      const { knownTenant: tenant, signal } = context;
      const results: string[][] = [];
      await withoutDamagedKeys(parts, keys, async () => {
        for await (const outputs of runner.run({ tenant, model, keys, images, range, signal }))
          results.push(outputs.map((output) => Buffer.from(output).toString('base64')));
      });
      return { data: nested ? results : results[0] };
    },
  );
}
