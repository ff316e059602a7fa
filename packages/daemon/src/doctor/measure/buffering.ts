/**
 * Whether something on the way holds small messages back and lets them go in bursts, as proxies do that buffer. A round of
 * a computation is a small message, so each would wait for that.
 *
 * Pings are sent at a steady pace. Where nothing buffers, answers come at that pace. A burst is a group of answers that
 * come at the same time to pings that were sent over half of the time that all took; a peer that was busy for a moment does
 * that, too, so only what happens twice in a row counts.
 */
import type { Answered, Asker } from '../asker.js';
import { type Found, ok, warning } from '../finding.js';
import { pause } from '../within.js';

const PINGS = 20;
const PACE_MS = 20;
/** Answers closer together than this came together. */
const TOGETHER_MS = PACE_MS / 4;

/**
 * Looks for bursts.
 * @param asker of the peer
 * @param signal cancels it
 * @returns a warning if answers come in bursts twice
 */
export async function buffering(asker: Pick<Asker, 'ping'>, signal: AbortSignal): Promise<Found> {
  let burst = await longestBurst(asker, signal);
  if (burst.spanMs >= halfMs) burst = await longestBurst(asker, signal);
  const figures = { burst: burst.count, of: PINGS, heldMs: Math.round(burst.spanMs) };
  if (burst.spanMs < halfMs) return ok('small messages pass at once', figures);
  return warning(
    `${burst.count} of ${PINGS} small messages were held back and came in one burst, up to ${Math.round(burst.spanMs)} ms late`,
    'a proxy on the way buffers: have it pass WebSocket messages on at once (nginx: proxy_buffering off and proxy_request_buffering off; others: no response buffering), or go round it',
    figures,
  );
}

const halfMs = (PINGS * PACE_MS) / 2;

async function longestBurst(asker: Pick<Asker, 'ping'>, signal: AbortSignal): Promise<Burst> {
  const answers: Promise<Answered>[] = [];
  for (let i = 0; i < PINGS; i++) {
    const answer = asker.ping();
    // Awaited below; a channel that ends in between rejects all of them.
    answer.catch(() => {});
    answers.push(answer);
    await pause(PACE_MS, signal);
  }
  return burstIn(await Promise.all(answers));
}

export interface Burst {
  readonly count: number;
  /** Between the first and the last ping that the burst answers. */
  readonly spanMs: number;
}

/**
 * The burst whose pings were sent over the longest time.
 * @param answers in the order of their pings
 * @returns how many, and over what time they were sent
 */
export function burstIn(answers: readonly Pick<Answered, 'sentMs' | 'receivedMs'>[]): Burst {
  const arrived = [...answers].sort((a, b) => a.receivedMs - b.receivedMs);
  let longest: Burst = { count: 0, spanMs: 0 };
  let start = 0;
  for (let i = 0; i < arrived.length; i++) {
    if (i > 0 && at(arrived, i).receivedMs - at(arrived, i - 1).receivedMs > TOGETHER_MS) start = i;
    const sent = arrived.slice(start, i + 1).map(({ sentMs }) => sentMs);
    const spanMs = Math.max(...sent) - Math.min(...sent);
    if (spanMs >= longest.spanMs) longest = { count: i + 1 - start, spanMs };
  }
  return longest;
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index}`);
  return value;
}
