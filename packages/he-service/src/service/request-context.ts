/** What belongs to one request until its reply is sent or its client is gone. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestError } from './errors.js';

export class RequestContext {
  /** Who asks; undefined if the token is missing or unknown. */
  tenant: string | undefined;
  bytesIn = 0;
  bytesOut = 0;
  /** The whole reply was handed to the system while the connection was there. */
  sent = false;
  readonly startedAt = performance.now();
  readonly #gone = new AbortController();
  readonly #releases: (() => void)[] = [];

  /** Aborts when the connection of the reply is closed. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Who asks, on routes that need to know. */
  get knownTenant(): string {
    if (this.tenant === undefined)
      throw new RequestError('UNAUTHORISED', 'send a valid token: Authorization: Bearer …');
    return this.tenant;
  }

  /** `release` runs when the request is over, whatever happens; at once if it is over already. */
  hold(release: () => void): void {
    if (this.signal.aborted) release();
    else this.#releases.push(release);
  }

  end(): void {
    for (const release of this.#releases.splice(0)) release();
    this.#gone.abort(new RequestError('BODY_ABORTED', 'the client is gone'));
  }
}

/** Contexts of the requests of one service. */
export class RequestContexts {
  readonly #contexts = new WeakMap<FastifyRequest, RequestContext>();

  open(
    request: FastifyRequest,
    reply: FastifyReply,
    ended: (context: RequestContext) => void,
  ): RequestContext {
    const context = new RequestContext();
    this.#contexts.set(request, context);
    const { socket } = reply.raw;
    // Writes that end because their connection is destroyed finish the reply as well.
    reply.raw.prependOnceListener('finish', () => {
      context.sent = !socket?.destroyed;
    });
    reply.raw.once('close', () => {
      context.end();
      ended(context);
    });
    return context;
  }

  of(request: FastifyRequest): RequestContext {
    const context = this.#contexts.get(request);
    if (!context) throw new Error('a request without a context');
    return context;
  }
}
