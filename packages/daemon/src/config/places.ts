/** YAML whose values know their places. */
import { yamlTooDeepAt } from '@tacit/files';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
} from 'yaml';
import { ConfigError, type Place } from '../errors.js';

/** Keys and indices that lead to a value. */
export type ValuePath = readonly (string | number)[];

/** Where the values of a file are, and where their names. */
export interface Places {
  value(path: ValuePath): Place | undefined;
  key(path: ValuePath): Place | undefined;
}

/** A file in YAML, read. */
export interface YamlFile {
  readonly value: unknown;
  readonly places: Places;
}

/** More is no config. */
const MOST_CHARACTERS = 2 ** 16;

/**
 * Reads YAML 1.2 with unique keys, without aliases and tags: a config has no use for them.
 * @param text contents of the file
 * @param source name of the file, for errors
 * @returns the value, and where its parts are
 * @throws ConfigError where it is not correct YAML
 */
export function readYaml(text: string, source: string): YamlFile {
  const fail = (place: Place, message: string, cause?: unknown): never => {
    throw new ConfigError({ source, place, path: [] }, message, { cause });
  };
  if (text.length > MOST_CHARACTERS) fail([1, 1], 'this is too long for a config');
  const deep = yamlTooDeepAt(text);
  if (deep !== undefined) {
    const before = text.slice(0, deep).split('\n');
    fail([before.length, (before.at(-1)?.length ?? 0) + 1], 'this is nested deeper than any config');
  }
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return [Math.max(1, line), Math.max(1, col)];
  };
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      version: '1.2',
      // Checked below: the library compares each with each.
      uniqueKeys: false,
    });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) fail(placeOf(problem.pos[0]), `not correct YAML: ${problem.message}`);
    const values = new Map<string, Place>();
    const keys = new Map<string, Place>();
    const walk = (node: Node | null | undefined, path: ValuePath): void => {
      const start = (node as ParsedNode | null | undefined)?.range?.[0];
      if (start !== undefined) values.set(keyOf(path), placeOf(start));
      if (isAlias(node))
        fail(placeOf(start ?? 0), 'aliases (*name) are not for configs: write the value again');
      if (isSeq(node)) for (const [i, item] of node.items.entries()) walk(item as Node, [...path, i]);
      if (isMap(node))
        for (const { key, value } of node.items) {
          const at = (key as ParsedNode | null)?.range?.[0] ?? 0;
          if (!isScalar(key) || typeof key.value === 'object')
            fail(placeOf(at), 'names of settings are texts');
          // Names that every object has: libraries skip them, and nothing that is written shall be skipped.
          const name = String((key as { value?: unknown }).value);
          if (FORBIDDEN.has(name)) fail(placeOf(at), `'${name}' cannot be the name of anything`);
          const own = [...path, name];
          if (keys.has(keyOf(own))) fail(placeOf(at), `'${name.slice(0, 80)}' is there twice`);
          keys.set(keyOf(own), placeOf(at));
          walk(value as Node | null, own);
        }
    };
    walk(document.contents, []);
    return {
      value: document.toJS({ maxAliasCount: 0 }),
      places: { value: (path) => values.get(keyOf(path)), key: (path) => keys.get(keyOf(path)) },
    };
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    return fail([1, 1], `not correct YAML: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

const keyOf = (path: ValuePath): string => JSON.stringify(path);
