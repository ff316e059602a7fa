/** Files in YAML whose values know their places: every complaint names file, line and column. */
import { yamlTooDeepAt } from '@tacit/files';
import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';
import { type Place, TrainConfigError } from './errors.js';

/** A path of keys and indices to a value. */
export type ValuePath = readonly (string | number)[];

/** Where the values of a file are. Plain data, so that parties can be told. */
export interface Places {
  readonly file: string;
  /** By the path, as `keyOf` writes it. */
  readonly at: Readonly<Record<string, Place>>;
}

const keyOf = (path: ValuePath): string => JSON.stringify(path);

/**
 * An error at a value of a file.
 * @param places of the file
 * @param path to the value; where there is none, its next parent
 * @param message what is wrong with it
 * @returns the error, to be thrown
 */
export function errorAt({ file, at }: Places, path: ValuePath, message: string): TrainConfigError {
  let known: ValuePath = [];
  for (const part of path) {
    const next = [...known, part];
    if (keyOf(next) in at) known = next;
    // One thing where a list of them may be is written without the list.
    else if (typeof part === 'string') break;
  }
  const place = at[keyOf(known)];
  if (place) return new TrainConfigError(file, place, message);
  return new TrainConfigError(file, [1, 1], message);
}

/** More is no config. */
const MOST_CHARACTERS = 2 ** 20;
/** Aliases that stand for others multiply; no config needs many. */
const MOST_ALIASES = 100;

/**
 * Reads YAML.
 * @param text contents of the file
 * @param file its name, for errors
 * @returns the value, and where its parts are
 * @throws TrainConfigError where it is not correct YAML
 */
export function readYaml(text: string, file: string): { readonly value: unknown; readonly places: Places } {
  if (text.length > MOST_CHARACTERS)
    throw new TrainConfigError(file, [1, 1], 'this is too long for a config');
  const deep = yamlTooDeepAt(text);
  if (deep !== undefined) {
    const before = text.slice(0, deep).split('\n');
    const place = [before.length, (before.at(-1)?.length ?? 0) + 1] as const;
    throw new TrainConfigError(file, place, 'this is nested deeper than any config');
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return [Math.max(1, line), Math.max(1, col)];
  };
  const [problem] = [...document.errors, ...document.warnings];
  if (problem)
    throw new TrainConfigError(file, placeOf(problem.pos[0]), `not correct YAML: ${problem.message}`);
  const at: Record<string, Place> = {};
  const walk = (node: Node | null | undefined, path: ValuePath, known?: Place): void => {
    const start = (node as ParsedNode | null | undefined)?.range?.[0];
    const place = known ?? (start === undefined ? undefined : placeOf(start));
    if (place) at[keyOf(path)] = place;
    if (isSeq(node)) for (const [i, item] of node.items.entries()) walk(item as Node, [...path, i]);
    if (isMap(node))
      for (const pair of node.items)
        if (isPair(pair) && isScalar(pair.key)) {
          const key = (pair.key as ParsedNode & { value: unknown }).value;
          const keyStart = (pair.key as ParsedNode).range?.[0];
          const own = [...path, String(key)];
          // Values of one line are where they are; maps and lists where their name is.
          const value = pair.value as Node | null;
          walk(value, own, isScalar(value) || keyStart === undefined ? undefined : placeOf(keyStart));
          if (keyStart !== undefined) at[keyOf([...own, KEY])] = placeOf(keyStart);
        }
  };
  walk(document.contents, []);
  try {
    return { value: document.toJS({ maxAliasCount: MOST_ALIASES }), places: { file, at } };
  } catch (cause) {
    throw new TrainConfigError(file, [1, 1], `not correct YAML: ${(cause as Error).message}`);
  }
}

/** Behind a path: the name of the value, not the value. Not a name that a config could have by accident. */
export const KEY = '\u0000key';
