/** Ctrl-C as something that a command hears. */

/**
 * Runs something that Ctrl-C or SIGTERM cancels in order.
 * @param run gets the signal, whose reason says which of the two it was
 * @returns what it returns
 */
export async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (signal: string): void => controller.abort(new Error(`stopped by ${signal}`));
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await run(controller.signal);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}
