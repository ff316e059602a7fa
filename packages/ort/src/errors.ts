/** What goes wrong between a program, a stub, and the private model. Inputs of wrong shapes: `InputShapeError` of @tacit/graph. */
import { TacitError } from '@tacit/errors';

/** A file that should stand for a private model does not, or stands for another one. */
export class StubError extends TacitError {
  /**
   * @param code no invite in it; weights in it; other inputs or outputs than the model behind its invite
   * @param message which file, what it is, and what to do
   */
  constructor(code: 'STUB_MISSING' | 'STUB_WEIGHTS' | 'STUB_MODEL', message: string) {
    super(code, message);
  }
}

/** An input holds another type of element than the model takes. */
export class FeedTypeError extends TacitError {
  /** @param message which input, what it takes, what it was given */
  constructor(message: string) {
    super('INPUT_DTYPE', message);
  }
}

/** A session is used after it was released. */
export class ReleasedError extends TacitError {
  /** @param message what to do */
  constructor(message = 'the session was released: create another one') {
    super('SESSION_RELEASED', message);
  }
}

/** A graph beside the model needs what is not computed in the clear here. */
export class ClearGraphError extends TacitError {
  /**
   * @param message which operators
   * @param options the cause
   */
  constructor(message: string, options?: ErrorOptions) {
    super('CLEAR_UNSUPPORTED', message, options);
  }
}
