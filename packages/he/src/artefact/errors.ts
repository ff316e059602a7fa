import { TacitError } from '@tacit/errors';

/** A compiled model that can't be read: truncated, damaged, of another version or kind. Code `HE_ARTEFACT`. */
export class HeArtefactError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_ARTEFACT', message, options);
  }
}
