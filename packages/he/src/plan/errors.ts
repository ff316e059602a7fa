import { TacitError } from '@tacit/errors';

/** No parameters satisfy what was asked for; the message says what is reachable. Code `HE_PLAN`. */
export class HePlanError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_PLAN', message, options);
  }
}
