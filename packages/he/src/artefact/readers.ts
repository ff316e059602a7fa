/**
 * Readers of decoded values that nobody has checked yet. Each returns the value as what it should be, or throws and
 * names the place where it is not. What they return has the fields that were asked for, and no others.
 */
import { HeArtefactError } from './errors.js';

/** @param at names the value in errors */
export type Reader<T> = (value: unknown, at: string) => T;

export function refuse(at: string, why: string): never {
  throw new HeArtefactError(`The artefact is damaged: ${at} ${why}.`);
}

export interface NumberRange {
  readonly least?: number;
  readonly most?: number;
}

const isWithin = (value: number, { least = -Number.MAX_VALUE, most = Number.MAX_VALUE }: NumberRange) =>
  value >= least && value <= most;

/** A finite number. */
export function number(range: NumberRange = {}): Reader<number> {
  return (value, at) =>
    typeof value === 'number' && isWithin(value, range) ? value : refuse(at, `can't be ${shown(value)}`);
}

export function whole(range: NumberRange = {}): Reader<number> {
  return (value, at) =>
    Number.isSafeInteger(value) && isWithin(value as number, range)
      ? (value as number)
      : refuse(at, `can't be ${shown(value)}`);
}

export const positive: Reader<number> = number({ least: Number.MIN_VALUE });

/** A text that can be printed on one line. */
export function text(pattern = /^[^\p{Cc}]{0,1000}$/u): Reader<string> {
  return (value, at) =>
    typeof value === 'string' && pattern.test(value) ? value : refuse(at, `can't be ${shown(value)}`);
}

export function choice<T extends string | number | boolean>(...values: readonly T[]): Reader<T> {
  return (value, at) => values.find((one) => one === value) ?? refuse(at, `can't be ${shown(value)}`);
}

export function list<T>(item: Reader<T>, { least = 0, most = 100_000 }: NumberRange = {}): Reader<T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) return refuse(at, 'is no list');
    if (!isWithin(value.length, { least, most })) return refuse(at, `has ${value.length} elements`);
    return value.map((one, i) => item(one, `${at}[${i}]`));
  };
}

export function record<T extends object>(fields: { readonly [K in keyof T]-?: Reader<T[K]> }): Reader<T> {
  return (value, at) => {
    if (typeof value !== 'object' || value === null) return refuse(at, 'is no object');
    const read: Partial<T> = {};
    for (const name of Object.keys(fields) as (keyof T & string)[]) {
      const found = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      read[name] = fields[name](found, at === '' ? name : `${at}.${name}`);
    }
    return read as T;
  };
}

/** One of several kinds of records, told apart by their field `kind`. */
export function kinds<T extends { readonly kind: string }>(
  readers: {
    readonly [K in T['kind']]: Reader<Extract<T, { readonly kind: K }>>;
  },
): Reader<T> {
  return (value, at) => {
    const { kind } = record<{ kind: string }>({ kind: text() })(value, at);
    if (!Object.hasOwn(readers, kind)) return refuse(`${at}.kind`, `can't be ${shown(kind)}`);
    return readers[kind as T['kind']](value, at);
  };
}

export const integers: Reader<Int32Array> = (value, at) =>
  value instanceof Int32Array ? value : refuse(at, 'is no array of integers');

/** An array of finite numbers. */
export const numbers: Reader<Float64Array> = (value, at) =>
  value instanceof Float64Array && value.every(Number.isFinite)
    ? value
    : refuse(at, 'is no array of finite numbers');

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 50));
  if (value === undefined) return 'missing';
  return typeof value === 'object' ? 'an object' : String(value);
}
