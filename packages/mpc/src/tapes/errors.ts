import { TacitError } from '@tacit/errors';

/** What can be wrong with a tape. */
export type TapeErrorCode =
  | 'TAPE_PLAN_FORMAT'
  | 'TAPE_PLAN'
  | 'TAPE_EXHAUSTED'
  | 'TAPE_SPENT'
  | 'NO_TAPE'
  | 'TAPE_FORMAT'
  | 'TAPE_DAMAGED'
  | 'TAPE_KEY'
  | 'TAPE_KEY_FILE';

/** A tape, its key or its plan cannot be used; the code says why. No message quotes what a tape holds. */
export class TapeError extends TacitError {
  constructor(code: TapeErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
