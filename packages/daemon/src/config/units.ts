/** Schemas of durations and sizes as people write them, with a unit. Bare numbers are refused: of what would be a guess. */
import { DURATION, durationOf, SIZE, sizeOf } from '@tacit/cli-kit';
import * as v from 'valibot';

/**
 * Schema of a duration.
 * @param low the least, as text
 * @param high the most, as text
 * @returns the schema, whose output is in milliseconds
 */
export const duration = (low: string, high: string) => {
  const [least, most] = [durationOf(low) ?? 0, durationOf(high) ?? 0];
  return v.pipe(
    v.string("must be a duration with its unit, such as '60s' or '5m'"),
    v.regex(DURATION, "must be a duration with its unit (ms, s, m, h, d), such as '60s' or '5m'"),
    v.transform((text) => durationOf(text) as number),
    v.check((ms) => ms >= least && ms <= most, `must be a duration from ${low} to ${high}`),
  );
};

/**
 * Schema of a size.
 * @param low the least, as text
 * @param high the most, as text
 * @returns the schema, whose output is in bytes
 */
export const size = (low: string, high: string) => {
  const [least, most] = [sizeOf(low) ?? 0, sizeOf(high) ?? 0];
  return v.pipe(
    v.string("must be a size with its unit, such as '64MiB'"),
    v.regex(SIZE, "must be a size with its unit (B, kB, MB, GB, KiB, MiB, GiB), such as '64MiB'"),
    v.transform((text) => sizeOf(text) as number),
    v.check((bytes) => bytes >= least && bytes <= most, `must be a size from ${low} to ${high}`),
  );
};
