/**
 * Client of the service for homomorphic inference, for Node.js and browsers. It moves bytes: keys and ciphertexts are
 * made and read elsewhere.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { sha256 } from '@tacit/he';
import type { GenericSchema, InferOutput } from 'valibot';
import { HeClientArgumentError, HeReplyError, HeUnreachableError } from './errors.js';
import { encodeFrames } from './framing.js';
import { errorOf, readAll, readGroups } from './replies.js';
import { type RetryPolicy, withRetries } from './retry.js';
import { type KeyInfo, keyInfo, type ModelInfo, modelInfo, modelList, reply } from './schemas.js';

export interface HeHttpClientOptions {
  /** Root of the service, as http://127.0.0.1:8080. */
  readonly url: string;
  /** API token, sent as a bearer token. */
  readonly token?: string;
  /** How often a request is tried again after 429, 503 or a lost connection. Default 5. */
  readonly retries?: number;
  /** First pause where the service names none, in milliseconds. Default 250. */
  readonly retryPauseMs?: number;
  /** Longest pause, also of those that the service names, in milliseconds. Default 30,000. */
  readonly longestPauseMs?: number;
  /** Replaces the platform's fetch. */
  readonly fetch?: typeof fetch;
}

export interface UploadOptions {
  /** Id or name of the model that the keys are for. */
  readonly model: string;
  /** Hex SHA-256 of the encryption parameters; the model's if left out. */
  readonly parametersId?: string;
  readonly signal?: AbortSignal;
  /** Bytes that are there, of all; called after every chunk, also for those of an earlier attempt. */
  readonly onProgress?: (sent: number, total: number) => void;
  /** Chunks that travel at once. Default 2. */
  readonly parallel?: number;
}

export interface InferOptions {
  readonly model: string;
  readonly keyId: string;
  /** First and last layer, both included. Default: all. */
  readonly from?: number;
  readonly to?: number;
  readonly signal?: AbortSignal;
}

interface Call {
  readonly method?: string;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  readonly signal?: AbortSignal;
}

/** Most frames and bytes that this client takes for one image, whatever the service says. */
const REPLY_LIMITS = { frameBytes: 2 ** 26, frames: 65_536, groupBytes: 2 ** 30 };
/** Most bytes of a client artefact, and of a reply in JSON. */
const ARTEFACT_BYTES_MOST = 2 ** 26;
const JSON_BYTES_MOST = 2 ** 24;

export class HeHttpClient {
  readonly #root: string;
  readonly #headers: Record<string, string>;
  readonly #policy: RetryPolicy;
  readonly #fetch: typeof fetch;

  /**
   * Connects to nothing yet.
   * @param options where the service is, a token, and how to try again
   * @throws HeClientArgumentError for what is not an http or https address
   */
  constructor(options: HeHttpClientOptions) {
    const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
    if (!url || !/^https?:$/.test(url.protocol))
      throw new HeClientArgumentError(`${JSON.stringify(options.url)} is not an http or https address`);
    this.#root = url.href.replace(/\/+$/, '');
    this.#headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
    this.#policy = {
      retries: options.retries ?? 5,
      pauseMs: options.retryPauseMs ?? 250,
      longestPauseMs: options.longestPauseMs ?? 30_000,
    };
    // Browsers want fetch called on the window.
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  }

  /**
   * All models of the service.
   * @param signal ends the request
   * @returns what each computes, and under which parameters
   */
  async models(signal?: AbortSignal): Promise<ModelInfo[]> {
    const { models } = await this.#json('/v1/models', { signal }, modelList);
    return models;
  }

  /**
   * One model, by id or name.
   * @param model id or name
   * @param signal ends the request
   * @returns what it computes, and under which parameters
   */
  async model(model: string, signal?: AbortSignal): Promise<ModelInfo> {
    return this.#json(`/v1/models/${encodeURIComponent(model)}`, { signal }, modelInfo);
  }

  /**
   * The client artefact of a model: parameters, input layout, output decoding, no weights.
   * @param model id or name
   * @param signal ends the request
   * @returns bytes for `HeClient.create`
   */
  async clientArtefact(model: string, signal?: AbortSignal): Promise<Uint8Array> {
    const response = await this.#call(`/v1/models/${encodeURIComponent(model)}/client`, { signal });
    return this.#received(readAll(response, ARTEFACT_BYTES_MOST));
  }

  /**
   * Uploads an envelope of evaluation keys, in chunks; an upload that broke off goes on where it was, and keys that
   * are there already cost one request. Returns when the service has verified and stored them.
   * @param envelope evaluation keys as `HeClient` makes them; no secret is in it
   * @param options which model they are for
   * @returns id and state of the keys
   * @throws HeReplyError where the service starts the upload of something else
   */
  async uploadKeys(envelope: Uint8Array, options: UploadOptions): Promise<KeyInfo> {
    const { model, signal, onProgress } = options;
    const [id, parametersId] = await Promise.all([
      sha256(envelope).then(bytesToHex),
      options.parametersId ?? this.model(model, signal).then((info) => info.parametersId),
    ]);
    const start = JSON.stringify({ sha256: id, bytes: envelope.length, model, parametersId });
    const upload = await this.#json('/v1/keys', { method: 'POST', body: start, signal }, keyInfo);
    if (upload.id !== id || upload.bytes !== envelope.length)
      throw new HeReplyError('the service started the upload of something else');
    if (upload.state === 'stored') {
      onProgress?.(envelope.length, envelope.length);
      return upload;
    }
    const there = new Set(upload.received);
    const missing = Array.from({ length: upload.chunks }, (_, n) => n).filter((n) => !there.has(n));
    const bytesOf = (n: number) => Math.min(upload.chunkBytes, envelope.length - n * upload.chunkBytes);
    let sent = upload.received.reduce((sum, n) => sum + bytesOf(n), 0);
    onProgress?.(sent, envelope.length);
    const sendRest = async () => {
      for (let n = missing.shift(); n !== undefined; n = missing.shift()) {
        const chunk = Uint8Array.from(envelope.subarray(n * upload.chunkBytes, (n + 1) * upload.chunkBytes));
        const response = await this.#call(`/v1/keys/${id}/chunks/${n}`, {
          method: 'PUT',
          body: chunk,
          signal,
        });
        await response.body?.cancel();
        sent += bytesOf(n);
        onProgress?.(sent, envelope.length);
      }
    };
    const sendRestOrStop = async () => {
      try {
        await sendRest();
      } catch (error) {
        missing.length = 0;
        throw error;
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, options.parallel ?? 2) }, sendRestOrStop));
    return this.#json(`/v1/keys/${id}/complete`, { method: 'POST', signal }, keyInfo);
  }

  /**
   * State of uploaded keys.
   * @param keyId hex SHA-256 of the envelope
   * @param signal ends the request
   * @returns which chunks are there, and whether they are verified
   */
  async keys(keyId: string, signal?: AbortSignal): Promise<KeyInfo> {
    return this.#json(`/v1/keys/${encodeURIComponent(keyId)}`, { signal }, keyInfo);
  }

  /**
   * Deletes keys, or what is there of an upload.
   * @param keyId hex SHA-256 of the envelope
   * @param signal ends the request
   */
  async deleteKeys(keyId: string, signal?: AbortSignal): Promise<void> {
    const response = await this.#call(`/v1/keys/${encodeURIComponent(keyId)}`, { method: 'DELETE', signal });
    await response.body?.cancel();
  }

  /**
   * Sends the ciphertext envelopes of one image, and returns those of its result.
   * @param image one envelope for each ciphertext of the input
   * @param options model and keys, and the range of layers
   * @returns one envelope for each ciphertext of the result
   * @throws HeReplyError where the reply holds no result
   */
  async infer(image: readonly Uint8Array[], options: InferOptions): Promise<Uint8Array[]> {
    const [result] = await this.inferBatch([image], options);
    if (!result) throw new HeReplyError('the reply holds no result');
    return result;
  }

  /**
   * Sends several images in one request, and returns their results in the same order.
   * @param images envelopes of each image, of all the same number
   * @param options model and keys, and the range of layers
   * @returns envelopes of each result
   */
  async inferBatch(
    images: readonly (readonly Uint8Array[])[],
    options: InferOptions,
  ): Promise<Uint8Array[][]> {
    const results: Uint8Array[][] = [];
    for await (const result of this.inferStream(images, options)) results.push(result);
    return results;
  }

  /**
   * As inferBatch, but each result as soon as it arrives.
   * @param images envelopes of each image, of all the same number
   * @param options model and keys, and the range of layers
   * @returns results in the order of the images
   * @throws HeClientArgumentError for images of different numbers of ciphertexts; HeUnreachableError where the connection breaks
   */
  async *inferStream(
    images: readonly (readonly Uint8Array[])[],
    options: InferOptions,
  ): AsyncGenerator<Uint8Array[], void, undefined> {
    const perImage = images[0]?.length ?? 0;
    if (perImage === 0 || images.some((image) => image.length !== perImage))
      throw new HeClientArgumentError(
        'every image of a request has the same number of ciphertexts, at least one',
      );
    const query = new URLSearchParams({ key: options.keyId, images: String(images.length) });
    if (options.from !== undefined) query.set('from', String(options.from));
    if (options.to !== undefined) query.set('to', String(options.to));
    const path = `/v1/models/${encodeURIComponent(options.model)}/infer?${query}`;
    const response = await this.#call(path, {
      method: 'POST',
      body: encodeFrames(images.flat()),
      signal: options.signal,
    });
    try {
      yield* readGroups(response, images.length, REPLY_LIMITS);
    } catch (error) {
      throw error instanceof TypeError ? new HeUnreachableError(this.#root, { cause: error }) : error;
    }
  }

  async #json<S extends GenericSchema>(path: string, call: Call, schema: S): Promise<InferOutput<S>> {
    const response = await this.#call(path, call);
    const bytes = await this.#received(readAll(response, JSON_BYTES_MOST));
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder().decode(bytes));
    } catch (cause) {
      throw new HeReplyError('the reply is not JSON', { cause });
    }
    return reply(schema, value);
  }

  /** Waits for the body of a reply; a connection that breaks within it is the service's absence. */
  async #received<T>(body: Promise<T>): Promise<T> {
    try {
      return await body;
    } catch (error) {
      if (error instanceof TypeError) throw new HeUnreachableError(this.#root, { cause: error });
      throw error;
    }
  }

  #call(path: string, call: Call): Promise<Response> {
    const type = typeof call.body === 'string' ? 'application/json' : 'application/octet-stream';
    const init: RequestInit = {
      method: call.method ?? 'GET',
      // Nobody but the service of the given address gets keys, ciphertexts and the token.
      redirect: 'error',
      headers: call.body === undefined ? this.#headers : { ...this.#headers, 'content-type': type },
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(call.signal ? { signal: call.signal } : {}),
    };
    return withRetries(this.#policy, call.signal, async () => {
      let response: Response;
      try {
        response = await this.#fetch(this.#root + path, init);
      } catch (error) {
        if (call.signal?.aborted) throw call.signal.reason;
        throw new HeUnreachableError(this.#root, { cause: error });
      }
      if (!response.ok) throw await errorOf(response);
      return response;
    });
  }
}
