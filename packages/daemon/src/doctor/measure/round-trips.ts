/** Round-trip time and the difference of clocks, from a few pings. */
import type { Answered, Asker } from '../asker.js';
import { type Found, ok, warning } from '../finding.js';

const PINGS = 9;
/** Beyond this, logs of two sides cannot be read side by side, and invites expire at another time than was said. */
const CLOCK_LIMIT_MS = 60_000;
/** Computations take tens to thousands of rounds. */
const SLOW_MS = 250;

export interface RoundTrips {
  readonly medianMs: number;
  readonly found: Found;
}

/**
 * Pings one after the other.
 * @param asker of the peer
 * @param first a ping that was answered already
 * @returns the median round trip, and all answers, for what else they say
 */
export async function roundTrips(
  asker: Pick<Asker, 'ping'>,
  first: Answered,
): Promise<RoundTrips & { answers: readonly Answered[] }> {
  const answers = [first];
  while (answers.length < PINGS) answers.push(await asker.ping());
  // The first finds caches cold.
  const times = answers.slice(1).map(tripMs);
  const medianMs = median(times);
  const least = Math.min(...times);
  const greatest = Math.max(...times);
  const text = `a round trip takes ${ms(medianMs)} (${ms(least)} to ${ms(greatest)})`;
  const figures = { medianMs: round(medianMs), leastMs: round(least), greatestMs: round(greatest) };
  const found =
    medianMs > SLOW_MS
      ? warning(
          `${text}: every round of a computation costs that`,
          'place the members nearer to each other, or expect times of rounds x round trip (tacit explains both before a run)',
          figures,
        )
      : ok(text, figures);
  return { answers, medianMs, found };
}

/**
 * Compares clocks, by the ping that was quickest: the answer was written somewhere between asking and receiving.
 * @param answers to pings
 * @returns a warning from a minute on, as far as the round trip lets one tell
 */
export function clockDifference(answers: readonly Answered[]): Found {
  const best = answers.reduce((a, b) => (tripMs(b) < tripMs(a) ? b : a));
  const trip = tripMs(best);
  const difference = best.pong.time - (best.sentTime + trip / 2);
  const seconds = Math.round(Math.abs(difference) / 100) / 10;
  const figures = { differenceMs: Math.round(difference), uncertaintyMs: Math.ceil(trip / 2) };
  if (Math.abs(difference) - trip / 2 <= CLOCK_LIMIT_MS)
    return ok(seconds < 1 ? 'the clocks agree' : `the clocks differ by ${seconds} s`, figures);
  return warning(
    `their clock is ${seconds} s ${difference > 0 ? 'ahead of' : 'behind'} ours`,
    'have both machines set their clocks by NTP (timedatectl): the times in logs and audit files mean nothing, and invites expire too early or too late',
    figures,
  );
}

const tripMs = ({ sentMs, receivedMs }: Answered): number => receivedMs - sentMs;

/**
 * The middle of some numbers.
 * @param values one at least
 * @returns the upper median
 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const ms = (value: number): string => `${round(value)} ms`;
const round = (value: number): number => (value < 10 ? Math.round(value * 100) / 100 : Math.round(value));
