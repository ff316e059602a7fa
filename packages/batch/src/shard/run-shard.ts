/**
 * One shard, from whatever source it came: is it committed already? If not, an attempt: a number that no other has, all
 * members reserved in the order of their device ids, a session with seeds of its own, and a result that is created once.
 */
import { hashProgram } from '@tacit/daemon';
import { type LeadOptions, lead, type Organisation } from '@tacit/daemon/processes';
import { BatchProgramChangedError, ShardAttemptsError } from '../errors.js';
import { BatchFolder } from '../folder/batch-folder.js';
import type { ShardTask } from '../source/shard-source.js';
import { pauseAfter, verdictOn } from './outcome.js';
import { resultOf } from './result.js';

/** How a run of a shard ended. */
export type ShardOutcome =
  /** `fresh`: by this run; otherwise it was committed before, or by a run that was faster. */
  | { readonly kind: 'committed'; readonly fresh: boolean }
  | { readonly kind: 'later'; readonly delayMs: number; readonly error: Error }
  | { readonly kind: 'again'; readonly delayMs: number; readonly error: Error }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'halt'; readonly error: Error };

/** Who runs shards. */
export interface ShardRunnerOptions {
  readonly organisation: Organisation;
  /** Folder of all batches. */
  readonly batches: string;
  /** How many attempts at a shard may begin, as far as the leader is concerned. Members have limits of their own. */
  readonly attempts: number;
  /** Gets lines about how it goes. */
  readonly say: (text: string) => void;
  /** Leads a session; for tests. */
  readonly lead?: ((options: LeadOptions) => Promise<unknown>) | undefined;
  /** From 0 to 1; for tests. */
  readonly random?: (() => number) | undefined;
}

/** When all members are busy. */
const BUSY_MS = 1000;
/** Each member may know of an attempt that the one before does not. */
const FENCED_ROUNDS = 20;

/** Runs shards of an organisation. */
export class ShardRunner {
  readonly #options: ShardRunnerOptions;

  /** @param options the organisation, and where its batches are */
  constructor(options: ShardRunnerOptions) {
    this.#options = options;
  }

  /**
   * Runs a shard once, or sees that it is done.
   * @param task the shard
   * @param signal ends it; what it was about is not done then
   * @returns how it ended
   * @throws BatchUnknownError, BatchFilesError; the reason of the signal
   */
  async run({ batch: id, shard }: ShardTask, signal: AbortSignal): Promise<ShardOutcome> {
    const { batches } = this.#options;
    const batch = BatchFolder.open(batches, id);
    if (shard < 0 || shard >= batch.manifest.shards)
      return { kind: 'failed', error: new RangeError(`batch ${id} has no shard ${shard}`) };
    let least = 1;
    const seen = { begun: false };
    for (let round = 0; ; round++) {
      if (batch.isCommitted(shard)) return { kind: 'committed', fresh: false };
      signal.throwIfAborted();
      try {
        const value = await this.#attempt(batch, shard, least, signal, seen);
        return {
          kind: 'committed',
          fresh: batch.commit(shard, resultOf(value, batch.manifest.rowsPerShard)),
        };
      } catch (thrown) {
        signal.throwIfAborted();
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        const verdict = verdictOn(error, seen.begun);
        if (verdict === 'fenced' && round < FENCED_ROUNDS) {
          // The members know of attempts that this folder does not: at once, with a higher number.
          least = Math.max(least, ((error as { attempt?: number }).attempt ?? 0) + 1);
          continue;
        }
        return this.#settled(batch, shard, verdict === 'fenced' ? 'later' : verdict, error);
      }
    }
  }

  async #attempt(
    batch: BatchFolder,
    shard: number,
    least: number,
    signal: AbortSignal,
    seen: { begun: boolean },
  ): Promise<unknown> {
    const { organisation, say } = this.#options;
    const { id, program, with: others, dealer, shards, rowsPerShard } = batch.manifest;
    if ((await hashProgram(program.file)).hash !== program.hash)
      throw new BatchProgramChangedError(program.file);
    const attempt = batch.takeAttempt(shard, least);
    const offered = organisation.config.programs.find(({ name }) => name === program.name);
    try {
      return await (this.#options.lead ?? lead)({
        organisation,
        file: program.file,
        program: program.name,
        arguments: program.arguments,
        with: others,
        dealer,
        files: { ...offered?.files, rows: batch.rowsPath(shard) },
        shard: { batch: id, shard, of: shards, rows: rowsPerShard, attempt: attempt.number },
        onReserved: () => {
          seen.begun = true;
          attempt.begun();
        },
        onOutput: () => {},
        signal,
        say: (text) => say(`shard ${shard}: ${text}`),
      });
    } catch (error) {
      // A number that a member has refused is no good to anybody.
      if (verdictOn(error, seen.begun) !== 'fenced') attempt.giveBack();
      throw error;
    }
  }

  #settled(
    batch: BatchFolder,
    shard: number,
    verdict: 'later' | 'again' | 'failed' | 'halt',
    error: Error,
  ): ShardOutcome {
    const { attempts: most, random = Math.random } = this.#options;
    if (verdict === 'later') return { kind: 'later', delayMs: BUSY_MS * (0.5 + random()), error };
    if (verdict !== 'again') return { kind: verdict, error };
    const begun = batch.attempts(shard);
    if (begun >= most) return { kind: 'failed', error: new ShardAttemptsError(shard, begun, error) };
    return { kind: 'again', delayMs: pauseAfter(begun, random()), error };
  }
}
