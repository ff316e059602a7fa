/**
 * A request as it came from a party: nothing in it is believed before it was checked. Each protocol reads
 * the fields that it uses, before anything is allocated. Everything here throws DealerRequestError.
 */
import { DealerRequestError } from '../runtime/errors.js';
import { SCOPE_ID } from '../runtime/transcript.js';
import type { DealerLimits } from './dealer-limits.js';

/** A JSON object of unknown content. */
export type Fields = Readonly<Record<string, unknown>>;

/** Indices of operations are 32-bit numbers: they name streams. */
export const MAX_ID = 2 ** 32 - 1;

export class RequestFields {
  /** The kind of a known operation. */
  readonly kind: string;
  /** Elements of the result, checked against the limit of operations that are dealt in chunks. */
  readonly n: number;

  constructor(
    readonly fields: Fields,
    readonly parties: number,
    readonly limits: DealerLimits,
  ) {
    this.kind = String(fields.kind);
    this.n = this.whole('n', 0, limits.maxStreamed);
  }

  fail(what: string): never {
    throw new DealerRequestError(`'${this.kind}': ${what}`);
  }

  /** A whole number from `low` to `high`. */
  whole(name: string, low: number, high: number, fields = this.fields): number {
    const value = fields[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high)
      this.fail(`${name} must be a whole number from ${low} to ${high}, not ${shown(value)}`);
    return value;
  }

  /** The id of a scope. */
  scope(name: string, fields = this.fields): string {
    const value = fields[name];
    if (typeof value !== 'string' || !SCOPE_ID.test(value))
      this.fail(`${name} must be the id of a scope, not ${shown(value)}`);
    return value;
  }

  /** A short text. */
  text(name: string, most: number, fields = this.fields): string {
    const value = fields[name];
    if (typeof value !== 'string' || value.length > most)
      this.fail(`${name} must be a text of at most ${most} characters, not ${shown(value)}`);
    return value;
  }

  flag(name: string, fields = this.fields): boolean {
    const value = fields[name];
    if (typeof value !== 'boolean') this.fail(`${name} must be true or false, not ${shown(value)}`);
    return value;
  }

  object(name: string, fields = this.fields): Fields {
    const value = fields[name];
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      this.fail(`${name} must be an object, not ${shown(value)}`);
    return value as Fields;
  }

  list(name: string, most: number, fields = this.fields): readonly unknown[] {
    const value = fields[name];
    if (!Array.isArray(value) || value.length > most)
      this.fail(`${name} must be a list of at most ${most} entries, not ${shown(value)}`);
    return value;
  }

  /** A list of whole numbers. */
  wholes(name: string, most: number, low: number, high: number, fields = this.fields): readonly number[] {
    const list = this.list(name, most, fields);
    if (!list.every((v) => typeof v === 'number' && Number.isInteger(v) && v >= low && v <= high))
      this.fail(`${name} must hold whole numbers from ${low} to ${high}, not ${shown(list)}`);
    return list as readonly number[];
  }

  /** The window l. */
  window(): number {
    return this.whole('l', 2, 64);
  }
}

/** A value for a message: short, whatever it is. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
