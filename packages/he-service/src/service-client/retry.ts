/**
 * Trying again: after what the service says (Retry-After), else with growing pauses. Safe in browsers.
 *
 * Not p-retry: its pauses follow a formula that is fixed at the start. A pause that the service names would have to be
 * waited in one of its callbacks and be followed by its own, so `pause` below would stay; and from version 8 on it needs
 * Node.js 22.
 */
import { HeHttpError, HeUnreachableError } from './errors.js';

export interface RetryPolicy {
  /** How often a request is tried again. */
  readonly retries: number;
  /** First pause where the service names none; it doubles each time, in milliseconds. */
  readonly pauseMs: number;
  /** Longest pause, also of those that the service names. */
  readonly longestPauseMs: number;
}

/** Resolves after `ms`, or rejects with the reason of `signal`. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

function isPassing(error: unknown): boolean {
  if (error instanceof HeUnreachableError) return true;
  return error instanceof HeHttpError && (error.status === 429 || error.status === 503);
}

/** Runs `attempt` until it succeeds, fails for good, or was tried often enough. */
export async function withRetries<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= policy.retries || !isPassing(error)) throw error;
      const named = error instanceof HeHttpError ? error.retryAfterMs : undefined;
      await pause(Math.min(policy.longestPauseMs, named ?? policy.pauseMs * 2 ** tried), signal);
    }
  }
}
