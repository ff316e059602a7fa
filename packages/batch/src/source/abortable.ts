/** Waiting that a signal ends. */

/**
 * What is awaited, or undefined once the signal is aborted. Leaves nothing behind on the signal.
 * @param awaited what is awaited; if it is let go, nobody hears of its error
 * @param signal ends the wait
 * @returns the value, or undefined
 */
export function orAborted<T>(awaited: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const give = (): void => settle(() => resolve(undefined));
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', give);
      act();
    };
    signal.addEventListener('abort', give);
    awaited.then(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    );
    if (signal.aborted) give();
  });
}

/**
 * Waits.
 * @param ms how long
 * @param signal ends the wait
 * @returns when it is over; never rejects
 */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', settle);
      resolve();
    };
    const timer = setTimeout(settle, ms);
    signal.addEventListener('abort', settle);
    if (signal.aborted) settle();
  });
}
