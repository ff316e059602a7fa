/**
 * What `tacit doctor` says to the daemon of a peer: on a control channel of its own, which `begin-diagnosis.ts` opens, pings,
 * and bytes to be sent back.
 *
 * - `ping {id, time}` → `pong {id, time, version, node}`; times are those of the sender, in ms since 1970.
 * - `echo {id, bytes}`, then one binary message of so many bytes → the same two messages, or `refuse {id, code, reason,
 *   retryMs}` where the peer has had its share of bytes; the binary message is thrown away then.
 *
 * Nothing of a session is in there, so both are answered to every known peer, while sessions run, too.
 */
import * as v from 'valibot';

/** The largest echo, in bytes. */
export const MAX_ECHO_BYTES = 8 * 2 ** 20;
/** What one peer may have sent back within a minute, in bytes: doctor takes 9 MiB. */
export const ECHO_BYTES_PER_MINUTE = 32 * 2 ** 20;
/** How many channels one peer may have, and how long one may be silent. */
export const MAX_CHANNELS = 4;
export const MAX_SILENCE_MS = 15 * 60_000;
/** How many messages a second are answered in the long run. */
export const MESSAGES_PER_SECOND = 100;
/** The code of a refused echo. */
export const ECHO_REFUSED = 'DIAGNOSE_LIMIT';

const id = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31 - 1));
/** Milliseconds since 1970; the bound keeps sums exact. */
const time = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(2 ** 52));
const shortText = (length: number) => v.pipe(v.string(), v.maxLength(length));

export const Ping = v.strictObject({ type: v.literal('ping'), id, time });

export const Pong = v.object({
  type: v.literal('pong'),
  id,
  time,
  version: v.optional(shortText(64)),
  node: v.optional(shortText(64)),
});
export type Pong = v.InferOutput<typeof Pong>;

export const Echo = v.strictObject({
  type: v.literal('echo'),
  id,
  bytes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_ECHO_BYTES)),
});
export type Echo = v.InferOutput<typeof Echo>;

export const Refuse = v.object({
  type: v.literal('refuse'),
  id: v.optional(id),
  code: v.pipe(v.string(), v.maxLength(64)),
  reason: v.optional(shortText(1024), ''),
  retryMs: v.optional(v.pipe(v.number(), v.finite())),
});
export type Refuse = v.InferOutput<typeof Refuse>;

/**
 * Reads a text message.
 * @param text as it came
 * @returns what it says, or undefined if it is no JSON object
 */
export function objectIn(text: string): { readonly type?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
