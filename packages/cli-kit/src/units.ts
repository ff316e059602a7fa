/** Durations and sizes as people write them, with a unit, in flags and settings. Bare numbers are none: of what would be a guess. */

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
} as const;

/** What a duration is written like. */
export const DURATION = /^(\d{1,12}(?:\.\d{1,6})?) ?(ms|s|m|h|d)$/;
/** What a size is written like. */
export const SIZE = /^(\d{1,12}(?:\.\d{1,6})?) ?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;

/**
 * A duration.
 * @param text a number and `ms`, `s`, `m`, `h` or `d`, e.g. `60s`
 * @returns milliseconds; undefined for anything else
 */
export function durationOf(text: string): number | undefined {
  const [, number, unit] = DURATION.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
}

/**
 * A size.
 * @param text a number and `B`, `kB`, `MB`, `GB`, `TB`, or `KiB` and so on, e.g. `64MiB`
 * @returns bytes; undefined for anything else
 */
export function sizeOf(text: string): number | undefined {
  const [, number, unit] = SIZE.exec(text) ?? [];
  return number === undefined ? undefined : Math.round(Number(number) * BYTES[unit as keyof typeof BYTES]);
}

/**
 * A duration as people write it.
 * @param ms milliseconds
 * @returns with the largest unit that leaves a whole number, e.g. `90s`
 */
export const durationText = (ms: number): string => withUnit(ms, MILLISECONDS, ['d', 'h', 'm', 's'], 'ms');

/**
 * A size as people write it.
 * @param bytes how many
 * @returns with the largest unit that leaves a whole number, e.g. `64MiB`
 */
export const sizeText = (bytes: number): string =>
  withUnit(bytes, BYTES, ['TiB', 'GiB', 'MiB', 'KiB', 'TB', 'GB', 'MB', 'kB'], 'B');

function withUnit<Unit extends string>(
  value: number,
  sizes: Readonly<Record<Unit, number>>,
  units: readonly Unit[],
  least: Unit,
): string {
  const unit = value === 0 ? least : (units.find((each) => value % sizes[each] === 0) ?? least);
  return `${value / sizes[unit]}${unit}`;
}
