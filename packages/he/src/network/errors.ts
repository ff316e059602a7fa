import { TacitError } from '@tacit/errors';

/** A network that can't be computed on ciphertexts; the message names the layer and what would help. Code `HE_MODEL`. */
export class HeModelError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_MODEL', message, options);
  }
}
