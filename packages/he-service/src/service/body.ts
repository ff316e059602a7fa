/** Reading bodies: an exact declared length, a limit, no silence, no compression. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { RequestError } from './errors.js';

export interface BodyLimits {
  readonly bodyMs: number;
  readonly bodyIdleMs: number;
}

/**
 * Declared length of a body. A length is required, because memory is reserved for it before it is read.
 * Throws LENGTH_REQUIRED or BODY_TOO_LARGE.
 */
export function declaredLength(request: IncomingMessage, most: number): number {
  const header = request.headers['content-length'];
  if (header === undefined) throw new RequestError('LENGTH_REQUIRED', 'send a Content-Length');
  const bytes = Number(header);
  if (bytes > most)
    throw new RequestError('BODY_TOO_LARGE', `the body has ${bytes} bytes, at most ${most} are allowed here`);
  return bytes;
}

/** No body of the service's clients shrinks when compressed, and one that grows does harm: none is taken. */
export function refuseContentEncoding(request: IncomingMessage): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw new RequestError('CONTENT_ENCODING_REFUSED', 'send the body without content-encoding');
}

/** Rejects when a body takes too long or is silent for too long. */
class BodyClock {
  readonly #limits: BodyLimits;
  #idle: NodeJS.Timeout | undefined;
  #total: NodeJS.Timeout | undefined;
  #fail: (what: string) => void = () => {};
  readonly rungs = new Promise<never>((_, reject) => {
    this.#fail = (what) => reject(new RequestError('BODY_TIMEOUT', what));
  });

  constructor(limits: BodyLimits) {
    this.#limits = limits;
    const { bodyMs } = limits;
    this.#total = setTimeout(() => this.#fail(`the body took longer than ${bodyMs} ms`), bodyMs);
    this.rungs.catch(() => {});
    this.heard();
  }

  heard(): void {
    const { bodyIdleMs } = this.#limits;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#fail(`nothing came for ${bodyIdleMs} ms`), bodyIdleMs);
  }

  stop(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#total);
  }
}

/**
 * The chunks of a body of `bytes` bytes. Throws UNSUPPORTED_MEDIA_TYPE if it is no stream, because it came as JSON or
 * not at all, BODY_TIMEOUT if the client stops sending or takes too long,
 * BODY_ABORTED if it goes away, BODY_LENGTH_WRONG if the body has another length.
 */
export async function* bodyChunks(
  body: unknown,
  bytes: number,
  limits: BodyLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!(body instanceof Readable))
    throw new RequestError('UNSUPPORTED_MEDIA_TYPE', 'send the body as application/octet-stream');
  const clock = new BodyClock(limits);
  // Destroying the stream would take the socket with it, and the reply that says what is wrong.
  const chunks: AsyncIterator<Uint8Array> = body.iterator({ destroyOnReturn: false });
  let received = 0;
  let stalled = false;
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), clock.rungs]);
      if (next.done) break;
      clock.heard();
      received += next.value.length;
      if (received > bytes)
        throw new RequestError('BODY_LENGTH_WRONG', `more than the declared ${bytes} bytes came`);
      yield next.value;
    }
  } catch (error) {
    stalled = error instanceof RequestError && error.code === 'BODY_TIMEOUT';
    if (error instanceof RequestError) throw error;
    throw new RequestError('BODY_ABORTED', 'the connection ended within the body', undefined, {
      cause: error,
    });
  } finally {
    clock.stop();
    // The iterator of a body that stalls waits for it; it ends with the connection.
    if (!stalled) await chunks.return?.();
  }
  if (received !== bytes)
    throw new RequestError('BODY_LENGTH_WRONG', `${received} of the declared ${bytes} bytes came`);
}

/** A whole body. */
export async function readBody(body: unknown, bytes: number, limits: BodyLimits): Promise<Buffer> {
  const whole = Buffer.alloc(bytes);
  let filled = 0;
  for await (const chunk of bodyChunks(body, bytes, limits)) {
    whole.set(chunk, filled);
    filled += chunk.length;
  }
  return whole;
}
