/** Errors of record linkage. None names a key: messages of errors are told to all parties. */
import { TacitError } from '@tacit/errors';

/** A key is missing, cannot be compared, or is there twice. Code `LINK_KEY`. */
export class LinkKeyError extends TacitError {
  constructor(message: string) {
    super('LINK_KEY', message);
  }
}

/** The rows of a table found no places under the salt that was drawn: a chance of 2^-40. Code `LINK_PLACEMENT`. */
export class LinkPlacementError extends TacitError {
  constructor(message: string) {
    super('LINK_PLACEMENT', message);
  }
}
