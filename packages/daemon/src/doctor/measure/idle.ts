/** Whether a connection on which nothing is sent stays open: proxies and address translators close such ones. */
import type { Asker } from '../asker.js';
import { type Found, ok, warning } from '../finding.js';
import { pause, within } from '../within.js';

/** How often both ends of a link send a heartbeat, in seconds. */
const HEARTBEAT_S = 15;

/**
 * Says nothing for a while, then pings. Heartbeats go on meanwhile, as they do in sessions that wait.
 * @param asker on a channel of its own
 * @param idleMs how long to be silent
 * @param limitMs how long the ping may take
 * @param signal cancels it
 * @returns whether the connection still worked
 */
export async function idle(
  asker: Pick<Asker, 'ping' | 'ended'>,
  idleMs: number,
  limitMs: number,
  signal: AbortSignal,
): Promise<Found> {
  const began = performance.now();
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  try {
    const error = await Promise.race([asker.ended(), pause(idleMs, both).then(() => undefined)]);
    if (error !== undefined) return closed(Math.round((performance.now() - began) / 1000), error.message);
  } finally {
    over.abort();
  }
  try {
    await within(limitMs, signal, () => asker.ping());
  } catch (error) {
    signal.throwIfAborted();
    const text = error instanceof Error ? error.message : String(error);
    return warning(
      `after ${seconds(idleMs)} without messages the connection looked open and was dead (${text})`,
      `a firewall or an address translator forgets connections: raise its idle time-out to a minute at least, and let heartbeats pass, which are sent every ${HEARTBEAT_S} s`,
      { idleMs, open: false },
    );
  }
  return ok(`a connection stays open through ${seconds(idleMs)} without messages`, { idleMs, open: true });
}

function closed(after: number, text: string): Found {
  return warning(
    `a connection without messages is closed after ${after} s (${text})`,
    `raise the idle time-out of the proxy on the way to a minute at least; if it is longer already, it does not count heartbeats, which are sent every ${HEARTBEAT_S} s, or limits how long any connection lives. Sessions resume after each cut, at the cost of a pause`,
    { closedAfterS: after, open: false },
  );
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
