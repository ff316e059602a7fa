/** The largest message that passes, and the bandwidth, from echoes of growing size. */
import { bytes as amount } from '@tacit/cli-kit';
import { AlteredError, type Asker, EndedError, RefusedError } from '../asker.js';
import { type Found, ok, problem, skipped, warning } from '../finding.js';
import { TimeLimitError, within } from '../within.js';

const SIZES = [2 ** 16, 2 ** 20, 2 ** 23] as const;
/** Below this a single image takes seconds. */
const SLOW_BITS_PER_SECOND = 5e6;

export interface FrameFindings {
  readonly frames: Found;
  readonly bandwidth: Found;
}

/**
 * Sends 64 KiB, 1 MiB and 8 MiB and has them sent back.
 * @param asker of the peer
 * @param tripMs the round-trip time of a small message
 * @param limitMs how long one echo may take
 * @param signal cancels it
 * @returns what passes, and how fast
 */
export async function framesAndBandwidth(
  asker: Pick<Asker, 'echo'>,
  tripMs: number,
  limitMs: number,
  signal: AbortSignal,
): Promise<FrameFindings> {
  let passed = 0;
  let bitsPerSecond: number | undefined;
  for (const size of SIZES) {
    // Twice, as the peer sends back what it has received whole.
    if (bitsPerSecond !== undefined && ((2 * size * 8) / bitsPerSecond) * 1000 > limitMs)
      return {
        frames: ok(`messages of ${amount(passed)} pass; larger ones were not tried on so slow a network`, {
          largestBytes: passed,
        }),
        bandwidth: speed(bitsPerSecond),
      };
    try {
      const ms = await within(limitMs, signal, () => asker.echo(size));
      passed = size;
      bitsPerSecond = (2 * size * 8 * 1000) / Math.max(ms - tripMs, 0.1);
    } catch (error) {
      signal.throwIfAborted();
      const bandwidth =
        bitsPerSecond === undefined ? skipped('no message passed to measure by') : speed(bitsPerSecond);
      return { frames: stopped(size, passed, error), bandwidth };
    }
  }
  return {
    frames: ok(`messages of ${amount(passed)} pass`, { largestBytes: passed }),
    bandwidth: speed(bitsPerSecond ?? 0),
  };
}

function speed(bitsPerSecond: number): Found {
  const megabits = bitsPerSecond / 1e6;
  const text = `about ${megabits >= 10 ? Math.round(megabits) : megabits.toPrecision(2)} Mbit/s`;
  const figures = { bitsPerSecond: Math.round(bitsPerSecond) };
  if (bitsPerSecond >= SLOW_BITS_PER_SECOND) return ok(text, figures);
  return warning(
    `${text}: a computation sends megabytes`,
    'look for a limit at the relay or the proxy on the way, or for another transfer that takes the network',
    figures,
  );
}

function stopped(size: number, passed: number, error: unknown): Found {
  const figures = { largestBytes: passed, stoppedAtBytes: size };
  const before = passed === 0 ? 'none smaller was tried' : `those of ${amount(passed)} do`;
  if (error instanceof RefusedError)
    return passed === 0
      ? skipped(`the peer sends nothing back for now: ${error.refusal.reason}`)
      : ok(`messages of ${amount(passed)} pass; the peer sends no more back for now`, figures);
  if (error instanceof AlteredError)
    return problem(
      `messages arrive altered: ${error.message}`,
      'this does not happen on an encrypted channel unless memory or software is broken: compare the releases of both sides',
      figures,
    );
  if (error instanceof EndedError || error instanceof TimeLimitError)
    return problem(
      `messages of ${amount(size)} do not pass (${error.message}), ${before}`,
      'something on the way limits the size of a message or of a transfer: raise that limit (load balancers call it body, frame or payload size; in config.yaml of the other side it is limits.frame) to 16 MiB at least',
      figures,
    );
  throw error;
}
