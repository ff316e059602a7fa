import { TacitError } from '@tacit/errors';

/** An input that can't be encrypted: wrong size, a value that is no number or out of the range. Code `HE_INPUT`. */
export class HeInputError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_INPUT', message, options);
  }
}

/**
 * An answer that can't be right: copies of the result disagree, because a value left the room that the modulus has for
 * it, or because it is no answer to what was asked. Code `HE_RESULT`.
 */
export class HeResultError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_RESULT', message, options);
  }
}
