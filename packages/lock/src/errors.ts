/** What goes wrong with locked models and their keys. Files that are no ONNX models: `OnnxFormatError` of @tacit/onnx. */
import { TacitError } from '@tacit/errors';

/** A model's weights cannot be changed in the file: they are elsewhere, of a type without bits, or do not fit. */
export class WeightsError extends TacitError {
  constructor(code: 'WEIGHTS_EXTERNAL' | 'WEIGHTS_TYPE' | 'WEIGHTS_REPLACEMENT', message: string) {
    super(code, message);
  }
}

/** A key cannot be read or written, or does not belong to the model. */
export class LockKeyError extends TacitError {
  constructor(
    code: 'LOCK_KEY_FORMAT' | 'LOCK_KEY_PASSPHRASE' | 'LOCK_KEY_MODEL' | 'LOCK_KEY_EXISTS',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** A model is locked where it should not be, not locked where it should, changed after it was locked, or not lockable. */
export class LockError extends TacitError {
  constructor(code: 'LOCK_STATE' | 'LOCK_DAMAGED' | 'LOCK_WEAK', message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
