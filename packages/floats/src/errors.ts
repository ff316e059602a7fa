/** Errors of this package. Each has a stable `code`. */
import { TacitError } from '@tacit/errors';

/** The memory of the kernels is full, or the machine does not give it. Code `FLOATS_MEMORY`. */
export class FloatsMemoryError extends TacitError {
  constructor(
    readonly bytes: number,
    readonly limit: number,
  ) {
    super(
      'FLOATS_MEMORY',
      `${bytes} bytes more do not fit in the ${limit} bytes of memory of single-precision kernels; ` +
        'take fewer examples at a time, or give memoryBytes',
    );
  }
}

/** A thread that computed gradients has ended. Code `FLOATS_THREAD`. */
export class FloatsThreadError extends TacitError {
  constructor(detail: string) {
    super('FLOATS_THREAD', `a thread that computed gradients has ended: ${detail}`);
  }
}
