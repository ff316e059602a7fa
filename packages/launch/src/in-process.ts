/**
 * A program in the plain suite: all parties in this thread, values in the clear, no dealer, no threads, no rounds. It is
 * the same function that runMultiprocess runs, so a debugger sees every party at once. Nothing is hidden from anybody.
 */
import { openPlain } from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import { asParty } from './calls.js';
import { LaunchAbortedError, memberName, PartyError, PeerFileError } from './errors.js';
import { LaunchedParty } from './launched-party.js';
import { peakRssBytes } from './member/memory.js';
import { type CheckedOptions, checkOptions, type LaunchOptions } from './options.js';
import { decodeError, encodeError } from './remote-error.js';
import { decodeResult, encodeResult } from './result-codec.js';

/** Options of a launch that mean something within one thread. */
export type InProcessOptions = Pick<LaunchOptions, 'worldSize' | 'config' | 'twin' | 'signal' | 'onEvent'>;

/**
 * Runs `program` at `options.worldSize` parties in this thread, in the clear: for debugging and for unit tests.
 * @param options how many parties, and their settings
 * @param program what a party does
 * @returns the parties' results, by rank, as runMultiprocess gives them
 * @throws LaunchOptionsError on impossible options
 * @throws PartyError when a party's function throws; `cause` is the error itself
 * @throws LaunchAbortedError when `options.signal` fired
 * @example
 * const [y] = await runInProcess({ worldSize: 2 }, (party) => party.cryptensor([1, -2], { src: 0 }).relu().reveal());
 */
export async function runInProcess<T>(
  options: InProcessOptions,
  program: (party: LaunchedParty) => Promise<T> | T,
): Promise<T[]> {
  const results = await computeInProcess(checkOptions(options), program);
  return (await Promise.all(results.map((result) => decodeResult(structuredClone(result))))) as T[];
}

/** As runInProcess, with results on their way out of a party. */
export async function computeInProcess(
  { parties, config, twin, signal, onEvent }: CheckedOptions,
  program: (party: LaunchedParty) => unknown,
): Promise<unknown[]> {
  const { engines, functionality } = openPlain(parties, await Ring.load(), config);
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    functionality.fail(failure); // the others must not wait for a party that is gone
  };
  const cancelled = new Promise<never>((_, reject) => {
    const cancel = (): void => {
      fail(new LaunchAbortedError(signal?.reason));
      reject(failure);
    };
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
  });
  const running = engines.map(async (engine) => {
    const { rank } = engine;
    const party = new LaunchedParty(engine, (data) => onEvent({ type: 'notice', rank, data }), twin);
    try {
      onEvent({ type: 'reached', rank });
      const result = encodeResult(await party.conclude(() => asParty(() => program(party))));
      await engine.finish();
      onEvent({ type: 'finished', rank, peakRssBytes: peakRssBytes() });
      return result;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : decodeError(encodeError(thrown));
      // Another party's failure is the cause, and is reported in this turn.
      if (error instanceof PeerFileError) await new Promise((resolve) => setTimeout(resolve));
      if (!failure) fail(new PartyError(rank, memberName(rank, parties), error));
      throw failure;
    }
  });
  return Promise.race([Promise.all(running), cancelled]);
}
