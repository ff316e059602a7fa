import { TacitError } from './tacit-error.js';

/** Shapes or axes that do not fit, in whatever layer they are found. Code `SHAPE`. */
export class ShapeError extends TacitError {
  constructor(message: string) {
    super('SHAPE', message);
  }
}

/** An argument or option outside of what an operation takes. Code `ARGUMENT`. */
export class ArgumentError extends TacitError {
  constructor(message: string) {
    super('ARGUMENT', message);
  }
}
