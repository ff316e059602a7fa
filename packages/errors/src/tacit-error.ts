import type { ErrorCode } from './codes.js';

/** Base class: an error with a stable `code` for programs and a message for people that says who, what and what to do. */
export class TacitError extends Error {
  /** One of the codes in docs/errors.md, or one that another machine or Node.js gave. */
  readonly code: string;

  /**
   * @param code one of the table in codes.ts, which the compiler checks
   * @param message what happened, where, and what to do
   * @param options the cause, if there is one
   */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/**
 * A code that is not ours to document: of a service, of another member, of Node.js, or of a test.
 *
 * @param code as it came
 * @returns the same, as the constructor of `TacitError` takes it
 */
export const foreignCode = (code: string): ErrorCode => code as ErrorCode;
