/** Commands that end in order when they are interrupted. */
import { constants } from 'node:os';

/**
 * Runs something that Ctrl-C or SIGTERM cancels in order, and a second one of them at once.
 * @param run gets the signal that is aborted at the first
 * @param reason the error that the signal is aborted with
 * @returns what `run` returns
 * @throws what `run` throws
 * @example await interruptible((signal) => joinSession({ ...options, signal }, program));
 */
export async function interruptible<T>(
  run: (signal: AbortSignal) => Promise<T>,
  reason: (signal: NodeJS.Signals) => Error = (signal) => new Error(`stopped by ${signal}`),
): Promise<T> {
  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(128 + constants.signals[signal]);
    controller.abort(reason(signal));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await run(controller.signal);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}
