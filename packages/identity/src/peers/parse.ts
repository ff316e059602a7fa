/** peers.yaml as text: its peers, or a complaint that names the line and the entry. */
import { yamlTooDeepAt } from '@tacit/files';
import * as v from 'valibot';
import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { PeersFileError } from '../errors.js';
import type { Peer } from './peer.js';
import { ENTRIES, peersSchema } from './schema.js';

/** A file that was read: what it says, and the document that keeps its comments. */
export interface ParsedPeers {
  readonly peers: readonly Peer[];
  readonly document: Document;
}

const MOST_CHARACTERS = 2 ** 20;
/** Aliases that stand for others multiply. */
const MOST_ALIASES = 100;

type Path = readonly (string | number)[];

/**
 * Reads the text of peers.yaml.
 * @param text contents; nothing at all is a file without peers
 * @param file its name, for errors
 * @returns the peers
 * @throws PeersFileError that names the line and the entry
 */
export function parsePeers(text: string, file: string): ParsedPeers {
  const lines = new LineCounter();
  const failAt = (offset: number, message: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new PeersFileError(file, Math.max(1, line), Math.max(1, col), message);
  };
  if (text.length > MOST_CHARACTERS) return failAt(0, `this has more than ${MOST_CHARACTERS} characters`);
  const deep = yamlTooDeepAt(text);
  if (deep !== undefined) {
    const before = text.slice(0, deep).split('\n');
    const message = 'this is nested deeper than any list of peers';
    throw new PeersFileError(file, before.length, (before.at(-1)?.length ?? 0) + 1, message);
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    // Of warnings none go to the terminal; those about the text are errors below.
    logLevel: 'error',
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) return failAt(problem.pos[0], `not correct YAML: ${problem.message}`);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (cause) {
    return failAt(0, `not correct YAML: ${(cause as Error).message}`);
  }
  // To the schema a list would be an object with numbers for names.
  if (Array.isArray(value)) value = String(value);
  const result = v.safeParse(peersSchema, value ?? {});
  if (!result.success) {
    // A misspelt entry before the one that is missing because of it.
    const issue = result.issues.find(isUnknown) ?? result.issues[0];
    const path = (issue.path ?? []).map(({ key }) => key as string | number);
    return failAt(offsetOf(document, path), complaint(value, path, issue));
  }
  const { peers } = result.output;
  const seen = new Map<string, string>();
  for (const [i, peer] of peers.entries())
    for (const [key, what, path] of [
      [`name ${peer.name}`, `the name ${peer.name}`, ['peers', i, 'name']],
      ...peer.ids.map((id, j) => [`id ${id}`, `the device id ${id}`, ['peers', i, 'ids', j]] as const),
    ] as const) {
      const owner = seen.get(key);
      if (owner !== undefined)
        return failAt(
          offsetOf(document, path),
          `${placeOf(value, path)}: ${what} is that of ${owner} already`,
        );
      seen.set(key, path[2] === 'name' ? 'another peer' : `peer '${peer.name}'`);
    }
  return { peers: peers as readonly Peer[], document };
}

/** Where a value is; where there is none, its next parent. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    // An entry is where its name is.
    if (length > 0 && isMap(parent)) {
      const pair = parent.items.find(({ key }) => String(key) === path[length - 1]);
      if (pair && isNode(pair.key) && pair.key.range) return pair.key.range[0];
    }
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

const isUnknown = ({ type, expected }: v.BaseIssue<unknown>): boolean =>
  type === 'strict_object' && expected === 'never';

function complaint(value: unknown, path: Path, issue: v.BaseIssue<unknown>): string {
  const place = placeOf(value, path);
  if (!isUnknown(issue)) return `${place} ${issue.received === 'undefined' ? 'is missing' : issue.message}`;
  const within = path.filter((part) => typeof part === 'string').at(-2) ?? '';
  const known = ENTRIES[within] ?? [];
  return `${place} is not an entry that is known here; there are ${known.join(', ')}`;
}

const PRINTABLE = /^[\x20-\x7e]{1,80}$/;

/** Texts of the file as they may go to a terminal. */
const shown = (part: string | number): string =>
  typeof part === 'number' || /^[\w.-]{1,80}$/.test(part) ? String(part) : JSON.stringify(part.slice(0, 80));

/** `peer 'bob', programs[0].hash`. */
function placeOf(value: unknown, path: Path): string {
  if (path.length === 0) return 'the file';
  const [first, index, ...rest] = path;
  if (first !== 'peers' || typeof index !== 'number') return path.map(shown).join('.');
  const named = (value as { peers?: { name?: unknown }[] }).peers?.[index]?.name;
  const peer =
    typeof named === 'string'
      ? `peer ${PRINTABLE.test(named) ? `'${named}'` : shown(named)}`
      : `peer ${index + 1}`;
  const entry = rest.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return entry ? `${peer}, ${entry.slice(1)}` : peer;
}
