/** Calls into native code, and what its exceptions become. */
import {
  HeArgumentError,
  HeError,
  HeFormatError,
  HeKeyError,
  HeLevelError,
  HeLibraryError,
  HeParametersError,
  HeScaleError,
} from '../errors.js';

/**
 * An exception of this library never unwinds the native stack: 64 kB of it are gone after about 100 (loading) to 700
 * (adding) exceptions, and then memory is overwritten. So arguments are checked before, and this is the last resort.
 */
const MAX_FAILURES = 32;

/** Parts of messages of SEAL, and the errors that they become. The first that matches counts. */
const KINDS: readonly [RegExp, new (message: string, options?: ErrorOptions) => HeError][] = [
  [/scale/, HeScaleError],
  [/encoded values are too large/, HeScaleError],
  [/level|parms_id mismatch|modulus switching chain|end of modulus/, HeLevelError],
  [/key/i, HeKeyError],
  [
    /encryption parameters|parms|not set correctly|coeff_modulus|plain_modulus|ntt-form|NTT form/,
    HeParametersError,
  ],
  [/I\/O|load|stream|size|format|compression|version/i, HeFormatError],
  [/valid|cannot|unsupported|out of/, HeArgumentError],
];

export class NativeCalls {
  readonly maxFailures = MAX_FAILURES;
  failures = 0;
  private dead = false;

  /** @param describe makes an error of what native code threw, which may be the address of an exception */
  constructor(private readonly describe: (thrown: number | string | Error) => Error) {}

  /** Runs `body`; what native code throws becomes an error with a code. */
  run<T>(operation: string, body: () => T): T {
    if (this.dead || this.failures >= MAX_FAILURES)
      throw new HeLibraryError(
        `${operation}: the encryption library ${this.dead ? 'has aborted' : `has failed ${this.failures} times`} in ` +
          'this thread and is not used any more; end the thread (or process) and start another',
      );
    try {
      return body();
    } catch (thrown) {
      if (thrown instanceof HeError) throw thrown;
      this.failures++;
      throw this.translate(operation, thrown);
    }
  }

  private translate(operation: string, thrown: unknown): HeError {
    if (thrown instanceof WebAssembly.RuntimeError) {
      this.dead = true;
      return new HeLibraryError(`${operation}: the encryption library has aborted (out of memory?)`, {
        cause: thrown,
      });
    }
    const error = thrown instanceof Error ? thrown : this.describe(thrown as number | string);
    const text = error.message;
    const kind = KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? HeLibraryError;
    return new kind(`${operation}: ${text}`, { cause: error });
  }
}
