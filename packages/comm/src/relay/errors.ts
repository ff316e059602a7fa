/** What may go wrong on the way to a relay, for now: what stays wrong is a HandshakeError. */
import { TacitError } from '@tacit/errors';
import type { RelayRefusal } from './refusals.js';

/** A relay refuses or breaks a connection, for a reason that may pass. Code `RELAY_REFUSED`. */
export class RelayError extends TacitError {
  constructor(
    readonly reason: RelayRefusal | 'disconnected',
    message: string,
  ) {
    super('RELAY_REFUSED', message);
  }
}

/** An HTTP proxy on the way fails, in a way that may pass. Code `PROXY_FAILED`. */
export class ProxyError extends TacitError {
  constructor(
    /** Host and port of the proxy. */
    readonly proxy: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super('PROXY_FAILED', message, options);
  }
}
