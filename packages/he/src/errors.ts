/**
 * Errors of homomorphic encryption that all parts of this package share. Each has a stable `code` for programs; the
 * message says what is wrong, where, and what would help.
 */
import { TacitError } from '@tacit/errors';

/** Base class of the errors in this file. */
export class HeError extends TacitError {}

/** Encryption parameters that can't be used: not secure enough, no such primes, wrong ring. Code `HE_PARAMETERS`. */
export class HeParametersError extends HeError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_PARAMETERS', message, options);
  }
}

/** Bytes that are not what they should be: cut off, garbled, of another kind, too large. Code `HE_FORMAT`. */
export class HeFormatError extends HeError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_FORMAT', message, options);
  }
}

/** Bytes made under other encryption parameters. Code `HE_FOREIGN`. */
export class HeForeignError extends HeError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_FOREIGN', message, options);
  }
}

/** A key is missing, or does not fit the operation. Code `HE_KEY`. */
export class HeKeyError extends HeError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_KEY', message, options);
  }
}

/** Scales that differ, or a scale or value that the modulus has no room for. Code `HE_SCALE`. */
export class HeScaleError extends HeError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_SCALE', message, options);
  }
}

/** Levels of the modulus chain that differ, or a chain that is used up. Code `HE_LEVEL`. */
export class HeLevelError extends HeError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_LEVEL', message, options);
  }
}

/** The noise has outgrown the modulus: what is decrypted means nothing. Code `HE_NOISE`. */
export class HeNoiseError extends HeError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_NOISE', message, options);
  }
}

/** A call with an impossible argument. Code `HE_ARGUMENT`. */
export class HeArgumentError extends HeError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_ARGUMENT', message, options);
  }
}

/** Something was used after it was disposed. Code `HE_DISPOSED`. */
export class HeDisposedError extends HeError {
  constructor(what: string) {
    super(
      'HE_DISPOSED',
      `${what} was disposed; keep it out of the scope that ended, or don't use it afterwards`,
    );
  }
}

/** The library underneath failed, or may not be used any longer in this thread. Code `HE_LIBRARY`. */
export class HeLibraryError extends HeError {
  constructor(message: string, options?: ErrorOptions) {
    super('HE_LIBRARY', message, options);
  }
}
