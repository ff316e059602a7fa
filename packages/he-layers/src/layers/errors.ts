import { TacitError } from '@tacit/errors';

/** A tensor that does not fit a layer, or a layer with impossible settings. Code `HE_LAYER`. */
export class HeLayerError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_LAYER', message, options);
  }
}

/**
 * A re-encryption that would tell the client an activation, or whose answer is none. The message says what is missing.
 * Code `HE_REENCRYPT`.
 */
export class HeReencryptionError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_REENCRYPT', message, options);
  }
}
