/** Quantities as people write them on a command line: times, bandwidths, speeds. */
import { InvalidArgumentError } from 'commander';

/** A number and a unit; `read` turns the unit into a factor. */
function quantity(text: string, factorOf: (unit: string) => number | undefined, wanted: string): number {
  const parts = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-zµ/]*)\s*$/iu.exec(text);
  const factor = parts ? factorOf(parts[2]) : undefined;
  const value = factor === undefined ? Number.NaN : Number(parts?.[1]) * factor;
  if (!Number.isFinite(value)) throw new InvalidArgumentError(wanted);
  return value;
}

const TIMES: Readonly<Record<string, number>> = { us: 1e-3, µs: 1e-3, ms: 1, s: 1000 };

/**
 * A time: `40ms`, `0.04s`, `300us`; `0` needs no unit.
 * @param text as on the command line
 * @returns milliseconds, 0 to an hour
 * @throws InvalidArgumentError on anything else
 * @example duration('0.04s'); // 40
 */
export function duration(text: string): number {
  const wanted = 'It must be a time with its unit, as in 40ms or 0.04s, at most an hour.';
  const ms = /^\s*0+\s*$/.test(text) ? 0 : quantity(text, (unit) => TIMES[unit.toLowerCase()], wanted);
  if (ms > 3_600_000) throw new InvalidArgumentError(wanted);
  return ms;
}

const PREFIXES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const BINARY: Readonly<Record<string, number>> = { ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30 };

/** `mbit`, `Mbit/s`, `mbps`: bits. `MB/s`, `MiB/s`: bytes, by the capital B. */
function bytesPerUnit(unit: string): number | undefined {
  const bits = /^([kmgt]?)(?:bits?(?:\/s|ps)?|bps|b\/s|b)$/.exec(
    unit.replace(/[A-Z](?=bit|bps|b\/s|b$)/, (c) => c.toLowerCase()),
  );
  if (bits) return PREFIXES[bits[1]] / 8;
  const bytes = /^([kmgt]i?)?B(?:\/s|ps)?$/.exec(unit.replace(/^[KMGT]/, (c) => c.toLowerCase()));
  if (!bytes) return undefined;
  const [, prefix = ''] = bytes;
  return PREFIXES[prefix] ?? BINARY[prefix];
}

/**
 * A bandwidth: `100mbit`, `1gbit`, `1Gbit/s`, `12MB/s` (bytes have a capital B).
 * @param text as on the command line
 * @returns bytes a second, above 0
 * @throws InvalidArgumentError on anything else
 * @example bandwidth('100mbit'); // 12.5e6
 */
export function bandwidth(text: string): number {
  const wanted = 'It must be a bandwidth with its unit, as in 100mbit, 1gbit or 12MB/s.';
  const bytes = quantity(text, bytesPerUnit, wanted);
  if (bytes <= 0) throw new InvalidArgumentError(wanted);
  return bytes;
}

/**
 * How fast a core is: multiplications in Z/2^64 a second inside of matrix products, `800M`, `2.1G`, `2100M/s`.
 * @param text as on the command line
 * @returns multiplications a second, above 0
 * @throws InvalidArgumentError on anything else
 * @example speed('2.1G'); // 2.1e9
 */
export function speed(text: string): number {
  const wanted = 'It must be multiplications a second, as in 800M or 2.1G.';
  const value = quantity(text, (unit) => PREFIXES[unit.toLowerCase().replace(/\/s$/, '')], wanted);
  if (value <= 0) throw new InvalidArgumentError(wanted);
  return value;
}
