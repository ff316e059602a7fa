// Errors of this package. Each has a stable `code`.
import { TacitError } from '@tacit/errors';

/** Bytes that are not what SEAL writes for these parameters. Code `RLWE_FORMAT`. */
export class RlweFormatError extends TacitError {
  constructor(message: string) {
    super('RLWE_FORMAT', message);
  }
}

/** Operands whose scales differ. Code `RLWE_SCALE`. */
export class RlweScaleError extends TacitError {
  constructor(
    readonly operation: string,
    readonly left: number,
    readonly right: number,
  ) {
    super(
      'RLWE_SCALE',
      `${operation}: scales 2^${Math.log2(left).toFixed(4)} and 2^${Math.log2(right).toFixed(4)} differ; ` +
        'rescale, or encode the other operand at the scale of the first',
    );
  }
}

/** An operand at another level than needed, or no level left. Code `RLWE_LEVEL`. */
export class RlweLevelError extends TacitError {
  constructor(message: string) {
    super('RLWE_LEVEL', message);
  }
}

/** An evaluation key that an operation needs is missing. Code `RLWE_KEY`; `step` is that of a missing Galois key. */
export class RlweKeyError extends TacitError {
  constructor(
    message: string,
    readonly step?: number,
  ) {
    super('RLWE_KEY', message);
  }
}

/** The memory of the kernels is full. Code `RLWE_MEMORY`. */
export class RlweMemoryError extends TacitError {
  constructor(
    readonly bytes: number,
    readonly limit: number,
  ) {
    super(
      'RLWE_MEMORY',
      `${bytes} bytes more do not fit in the evaluator's memory of at most ${limit} bytes; free what is not needed`,
    );
  }
}

/** A call with an impossible argument, such as a handle that was freed. Code `RLWE_ARGUMENT`. */
export class RlweArgumentError extends TacitError {
  constructor(message: string) {
    super('RLWE_ARGUMENT', message);
  }
}
