/**
 * Whether something on the way holds small messages back and lets them go in bursts, as proxies do that buffer. A round of
 * a computation is a small message, so each would wait for that.
 *
 * Pings are sent at a steady pace. Where nothing buffers, answers come at that pace. In a burst an answer was under way for
 * longer than one to a later ping; by how much longer says for how long messages are held, also where whoever reads the
 * burst is interrupted in its midst. A peer that was busy for a moment does that, too, so only what happens twice in a row
 * counts, and only if it is half of the time over which pings are sent.
 */
import type { Answered, Asker } from '../asker.js';
import { type Found, ok, warning } from '../finding.js';
import { pause } from '../within.js';

const PINGS = 20;
const PACE_MS = 20;

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
    `${burst.count} of ${PINGS} small messages were held back and came in one burst, the first ${Math.round(burst.spanMs)} ms later than the last`,
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
  /** How many pings it answers. */
  readonly count: number;
  /** How much longer its first answer was under way than its last. */
  readonly spanMs: number;
}

/**
 * The burst that was held for the longest time.
 * @param answers in the order of their pings
 * @returns how many, and for how long
 */
export function burstIn(answers: readonly Pick<Answered, 'sentMs' | 'receivedMs'>[]): Burst {
  let longest: Burst = { count: 0, spanMs: 0 };
  /** The one that was under way for the longest time so far. */
  let slowest = { index: 0, tripMs: Number.NEGATIVE_INFINITY };
  for (const [index, { sentMs, receivedMs }] of answers.entries()) {
    const tripMs = receivedMs - sentMs;
    if (tripMs >= slowest.tripMs) slowest = { index, tripMs };
    const spanMs = slowest.tripMs - tripMs;
    if (spanMs > longest.spanMs) longest = { count: index - slowest.index + 1, spanMs };
  }
  return longest;
}
