/** Dealing ahead: the corrections of a plan, one after another, for whoever keeps them. */
import type { Ring } from '@tacit/ring';
import { DealerEngine } from '../dealer/engine.js';
import type { DealerLimits } from '../definition/dealer-limits.js';
import type { TapePlan } from './plan.js';

/** What `dealTape` needs. */
export interface DealTapeOptions {
  readonly ring: Ring;
  readonly plan: TapePlan;
  /** Each party's seed, by rank. */
  readonly seeds: readonly Uint8Array[];
  /**
   * Takes corrections in the order of the plan. They may be overwritten once its promise has settled; until then nothing
   * more than `windowBytes` is made.
   */
  readonly write: (corrections: Uint8Array) => Promise<void> | void;
  /** Corrections that may wait to be written, besides those of one operation or chunk. Default 4 MiB. */
  readonly windowBytes?: number;
  /** Of what an operation may cost, where they differ from the dealer's defaults. */
  readonly limits?: Partial<DealerLimits>;
  readonly signal?: AbortSignal;
}

/** Operations that are asked for at a time: what waits is small, and the dealer never idle. */
const BATCH = 256;
const WINDOW_BYTES = 4 * 2 ** 20;

/**
 * Makes the corrections of all operations of a plan: what a dealer would send to the last party while the program runs,
 * for the same seeds the same bytes.
 *
 * Memory: the plan, the window, and what one operation needs, such as the masks of a product. It does not grow with the
 * length of the tape.
 * @param options plan and seeds, and who takes the corrections
 * @returns bytes of corrections that were made
 * @throws DealerRequestError for an operation that makes no sense; what `write` throws; the reason of the signal
 */
export async function dealTape({
  ring,
  plan: { config, operations },
  seeds,
  write,
  windowBytes = WINDOW_BYTES,
  limits,
  signal,
}: DealTapeOptions): Promise<{ readonly bytes: number }> {
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    engine.stop();
  };
  let writing: Promise<void> = Promise.resolve();
  const take = async (corrections: Uint8Array): Promise<void> => {
    if (failure) return;
    await write(corrections);
    engine.recycle(corrections);
    engine.used(corrections.length);
  };
  const engine: DealerEngine = new DealerEngine({
    ring,
    seeds,
    config,
    windowBytes,
    limits,
    send: (_, corrections) => {
      writing = writing.then(() => take(corrections)).catch(fail);
    },
    fail,
  });
  const cancel = (): void => fail(signal?.reason);
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel);
  try {
    for (let start = 0; start < operations.length && !failure; start += BATCH) {
      for (const { scope, index, descriptor } of operations.slice(start, start + BATCH))
        engine.request({ scope, index }, descriptor);
      await engine.idle();
      await writing;
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    engine.stop();
    await writing;
  }
  if (failure) throw failure.error;
  return { bytes: engine.stats.bytes };
}
