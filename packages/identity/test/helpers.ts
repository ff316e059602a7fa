/** Homes of organisations, and errors. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TacitError } from '@tacit/errors';
import { AssertionError } from 'chai';

/** Makes folders for the tests of a suite, and removes them after it. */
export function homes(): () => string {
  const made: string[] = [];
  after(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'tacit-identity-'));
    made.push(folder);
    return join(folder, 'home');
  };
}

/** One of the two. */
export type Outcome<T> =
  | { readonly value: T; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: TacitError };

/** What something returned, or the error on purpose that it threw; any other error fails the test. */
export function outcomeOf<T>(act: () => T): Outcome<T> {
  try {
    return { value: act() };
  } catch (error) {
    if (error instanceof TacitError) return { error };
    throw error;
  }
}

/** The error on purpose that something throws; any other outcome fails the test. */
export function thrown(act: () => unknown): TacitError {
  const outcome = outcomeOf(act);
  if (outcome.error) return outcome.error;
  throw new AssertionError(`nothing was thrown, but ${String(outcome.value)} returned`);
}

/** The same of a promise. */
export async function rejected(promise: Promise<unknown>): Promise<TacitError> {
  const [{ status, ...outcome }] = await Promise.allSettled([promise]);
  return thrown(() => {
    if ('reason' in outcome) throw outcome.reason;
    return status;
  });
}

export const randomFingerprint = (): string => randomBytes(32).toString('hex');
export const onPosix = process.platform !== 'win32';
