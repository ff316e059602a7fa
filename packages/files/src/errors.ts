import { TacitError } from '@tacit/errors';

/** A file cannot be opened, read or written. Codes FILE_NOT_FOUND, FILE_NOT_READABLE, FILE_NOT_WRITABLE. */
export class FileError extends TacitError {
  constructor(
    code: 'FILE_NOT_FOUND' | 'FILE_NOT_READABLE' | 'FILE_NOT_WRITABLE',
    readonly path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** A file is not a correct .npy file, or holds something other than numbers. */
export class NpyFormatError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('NPY_FORMAT', message, options);
  }
}

/** A file is not a correct file of shares: damaged, cut off, of another version, or something else. */
export class SharesFormatError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('SHARES_FORMAT', message, options);
  }
}

/** A .npz, .safetensors or .csv file is not correct, has no such array, or holds something other than numbers. */
export class ArrayFileError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('ARRAY_FILE', message, options);
  }
}
