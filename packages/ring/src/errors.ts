// Errors of this package. Each has a stable `code`, says what was wrong and, where it helps, what to do.
import { TacitError } from '@tacit/errors';

/** Any error of this package. */
export class RingError extends TacitError {}

/** Arrays or shapes that don't fit together. */
export class RingShapeError extends RingError {
  constructor(message: string) {
    super('RING_SHAPE', message);
  }
}

/** A parameter outside its domain, such as a shift by 64 bits. */
export class RingArgumentError extends RingError {
  constructor(message: string) {
    super('RING_ARGUMENT', message);
  }
}

/** The scratch memory of a ring cannot hold what was asked for. */
export class ScratchExhaustedError extends RingError {
  constructor(message: string) {
    super('SCRATCH_EXHAUSTED', message);
  }
}

/** A real number that fixed point cannot represent: not finite, or too large. */
export class EncodeRangeError extends RingError {
  readonly index: number;
  readonly value: number;

  constructor(index: number, value: number, fractionBits: number, integerBits: number) {
    super(
      'VALUE_OUT_OF_RANGE',
      `value ${value} at index ${index} cannot be encoded: with ${fractionBits} fractional bits, values must be ` +
        `finite and below 2^${integerBits} in magnitude`,
    );
    this.index = index;
    this.value = value;
  }
}
