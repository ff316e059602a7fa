/**
 * A promise that a signal can end: it rejects with the signal's reason then.
 * @param start begins what the promise is for, unless the signal has fired; may return what to do in the end
 */
export async function abortable<T>(
  signal: AbortSignal | undefined,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => (() => void) | undefined,
): Promise<T> {
  let onAbort = (): void => {};
  let clear = (): void => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      onAbort = () => reject(signal?.reason);
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort);
      clear = start(resolve, reject) ?? clear;
    });
  } finally {
    signal?.removeEventListener('abort', onAbort);
    clear();
  }
}
