/** Time limits: every probe has one, as what it probes may never answer. */

/** A probe took longer than its limit. */
export class TimeLimitError extends Error {
  constructor(readonly limitMs: number) {
    super(`no answer within ${limitMs / 1000} s`);
    this.name = 'TimeLimitError';
  }
}

/**
 * Runs something with a time limit, and does not wait for it beyond that, whatever it does with its signal.
 * @param limitMs how long it may take
 * @param signal cancels it from outside
 * @param run gets a signal that fires at either
 * @returns what `run` resolves with
 * @throws TimeLimitError, the reason of `signal`, or what `run` throws
 */
export async function within<T>(
  limitMs: number,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', stop);
  const timer = setTimeout(() => controller.abort(new TimeLimitError(limitMs)), limitMs);
  try {
    return await new Promise<T>((resolve, reject) => {
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason));
      run(controller.signal).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Waits.
 * @param ms how long
 * @param signal ends the wait
 * @throws the reason of `signal`
 */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/**
 * The code or the text of an error of any kind.
 * @param error as it was thrown
 * @returns a code such as `ECONNREFUSED`, else its message
 */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  // Where a name has several addresses, Node.js tries all and throws all errors at once.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error.message;
}
