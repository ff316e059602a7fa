/** What the schema says about a path: which settings there are, and what kind of value one takes. */
import { DURATION, durationText, SIZE, sizeText } from '@tacit/cli-kit';
import type { ValuePath } from './places.js';
import { configSchema } from './schema.js';

/** As much of a schema of valibot as is looked at here. */
interface AnySchema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, AnySchema>>;
  readonly wrapped?: AnySchema;
  readonly item?: AnySchema;
  readonly value?: AnySchema;
  readonly pipe?: readonly AnySchema[];
  readonly requirement?: unknown;
}

const root = configSchema as unknown as AnySchema;

/** Behind `optional` and in front of checks. */
function bare(schema: AnySchema | undefined): AnySchema | undefined {
  let now = schema;
  while (now?.type === 'optional') now = now.wrapped;
  return now;
}

/** Names that every object has are no settings. */
const entryOf = ({ entries = {} }: AnySchema, name: string): AnySchema | undefined =>
  Object.hasOwn(entries, name) ? entries[name] : undefined;

function schemaAt(path: ValuePath): AnySchema | undefined {
  let now = bare(root);
  for (const part of path) {
    if (now?.type === 'strict_object') now = bare(entryOf(now, String(part)));
    else if (now?.type === 'array') now = bare(now.item);
    else if (now?.type === 'record') now = bare(now.value);
    else return undefined;
  }
  return now;
}

/**
 * The names of settings that may stand in a map.
 * @param path to the map
 * @returns none where anything or nothing may
 */
export const namesAt = (path: ValuePath): readonly string[] => {
  const schema = schemaAt(path);
  return schema?.type === 'strict_object' ? Object.keys(schema.entries ?? {}) : [];
};

/**
 * Whether a setting is a text, so that a text from a flag or the environment is it as it stands.
 * @param path to the setting
 * @returns false also for settings that do not exist
 */
export const isText = (path: ValuePath): boolean => {
  const type = schemaAt(path)?.type;
  return type === 'string' || type === 'picklist' || type === 'literal';
};

/**
 * Writes the value of a setting as people do: durations and sizes with their units.
 * @param path to the setting
 * @param value as it applies
 * @returns a text where the value is a number that has a unit, else the value
 */
export function asWritten(path: ValuePath, value: unknown): unknown {
  const has = (schema: AnySchema | undefined, pattern: RegExp): boolean =>
    schema?.pipe?.some((part) => part.requirement === pattern || (part !== schema && has(part, pattern))) ??
    false;
  const schema = schemaAt(path);
  if (typeof value !== 'number') return value;
  if (has(schema, DURATION)) return durationText(value);
  return has(schema, SIZE) ? sizeText(value) : value;
}

/**
 * All settings that are no maps, by their paths: what variables of the environment and flags may set. Lists and maps of
 * free names are one setting.
 * @returns the paths
 */
export function settings(): readonly (readonly string[])[] {
  const found: string[][] = [];
  const visit = (schema: AnySchema | undefined, path: string[]): void => {
    if (schema?.type !== 'strict_object') found.push(path);
    else
      for (const [name, inner] of Object.entries(schema.entries ?? {})) visit(bare(inner), [...path, name]);
  };
  visit(bare(root), []);
  return found;
}

/**
 * The first list that stands where a map belongs. The schema takes a list for a map: both are objects.
 * @param value all settings
 * @returns the path to it; undefined if there is none
 */
export function listInPlaceOfMap(value: unknown): ValuePath | undefined {
  const visit = (schema: AnySchema | undefined, now: unknown, path: ValuePath): ValuePath | undefined => {
    if (schema === undefined || typeof now !== 'object' || now === null) return undefined;
    if (schema.type === 'array' || schema.type === 'strict_object' || schema.type === 'record') {
      if (Array.isArray(now) && schema.type !== 'array') return path;
      for (const [key, inner] of Object.entries(now)) {
        const part = Array.isArray(now) ? Number(key) : key;
        const found = visit(bare(schema.item ?? schema.value ?? entryOf(schema, key)), inner, [
          ...path,
          part,
        ]);
        if (found) return found;
      }
    }
    return undefined;
  };
  return visit(bare(root), value, []);
}
