import { TacitError } from '@tacit/errors';

/** A request for stages that there are not, or that the model does not offer, or with the wrong ciphertexts. Code `HE_RANGE`. */
export class HeRangeError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_RANGE', message, options);
  }
}
