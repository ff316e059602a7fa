/** Reads the settings of a process: its file, then `TACIT_…`, then flags, each before the one before. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { ConfigError, type Place } from '../errors.js';
import { complaintOf, shown } from './complaint.js';
import { fromEnvironment, type Given, variableOf } from './environment.js';
import { parseText } from './given-text.js';
import { readYaml, type ValuePath, type YamlFile } from './places.js';
import { checkConfig, resolvePaths } from './rules.js';
import { configSchema, type DaemonConfig } from './schema.js';
import { listInPlaceOfMap, settings } from './walk.js';

/** Where a value comes from. */
export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly source: string; readonly place?: Place | undefined }
  | { readonly kind: 'environment' | 'flag'; readonly source: string };

/** Settings of a process, and where they come from. */
export interface LoadedConfig {
  readonly config: DaemonConfig;
  /** The folder of everything that belongs to the organisation. */
  readonly home: string;
  /** The file that was read; undefined if there is none. */
  readonly file: string | undefined;
  /** Remarks for the operator, such as a variable that looks misspelt. */
  readonly warnings: readonly string[];
  /** Where the value of a setting comes from; of a map, where most of it does: the file, or else the defaults. */
  originOf(path: ValuePath): Origin;
}

/** Where to read settings from. */
export interface ConfigSources {
  /** The home folder; by default TACIT_HOME, or ~/.tacit. */
  readonly home?: string | undefined;
  /** The file; by default TACIT_CONFIG, or config.yaml in the home folder, if it is there. */
  readonly file?: string | undefined;
  /** By default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Flags of the command line, the last one wins. A text is read as in the environment; anything else is the value. */
  readonly flags?: readonly Given[] | undefined;
}

/**
 * The home folder of an organisation.
 * @param home as a flag says
 * @param env of the process
 * @returns that, or TACIT_HOME, or `~/.tacit`, absolute
 */
export const homeOf = (
  home?: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string => resolve(home ?? (env.TACIT_HOME || join(homedir(), '.tacit')));

/**
 * Reads and checks all settings.
 * @param sources file, environment and flags
 * @returns the settings, complete, and where each comes from
 * @throws ConfigError that names file, line and column, or the variable or the flag
 * @example
 * const { config, home } = await loadConfig({ flags: [{ path: ['listen', 'port'], source: '--port', value: 7700 }] });
 */
export async function loadConfig(sources: ConfigSources = {}): Promise<LoadedConfig> {
  const env = sources.env ?? process.env;
  const home = homeOf(sources.home, env);
  const named = sources.file ?? (env.TACIT_CONFIG || undefined);
  const file = resolve(named ?? join(home, 'config.yaml'));
  const text = await readText(file, named !== undefined);
  return parseConfig(text, { ...sources, env, home, file });
}

async function readText(file: string, required: boolean): Promise<string | undefined> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !required) return undefined;
    const reason =
      code === 'ENOENT'
        ? 'the file does not exist'
        : code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
          ? 'this is not UTF-8'
          : `cannot be read (${code})`;
    throw new ConfigError({ source: file, path: [], place: [1, 1] }, reason, { cause });
  }
}

/**
 * Reads and checks settings whose file is read already.
 * @param text contents of the file; undefined where there is none
 * @param sources as for `loadConfig`; `file` names the text in errors
 * @returns the settings, complete, and where each comes from
 * @throws ConfigError as `loadConfig`
 */
export function parseConfig(text: string | undefined, sources: ConfigSources = {}): LoadedConfig {
  const env = sources.env ?? process.env;
  const home = homeOf(sources.home, env);
  const file = resolve(sources.file ?? join(home, 'config.yaml'));
  const yaml: YamlFile | undefined = text === undefined ? undefined : readYaml(text, file);
  const base = withoutEmpty(yaml?.value ?? {});
  if (!isMap(base))
    throw new ConfigError(
      { source: file, place: [1, 1], path: [] },
      "a config is a map with entries such as 'listen:'; tacit config schema describes it",
    );
  const { given, warnings } = fromEnvironment(env);
  const over = [...given, ...(sources.flags ?? [])];
  let value: unknown = base;
  for (const one of over) value = put(value, one.path, parseText(one));
  const kinds = new Map<string, Origin>();
  for (const { path, source } of given) kinds.set(path.join('.'), { kind: 'environment', source });
  for (const { path, source } of sources.flags ?? []) kinds.set(path.join('.'), { kind: 'flag', source });

  /** The nearest thing that is known: a flag, a variable, a place in the file. */
  const originOf = (path: ValuePath): Origin => {
    for (let length = path.length; length > 0; length--) {
      const own = kinds.get(path.slice(0, length).join('.'));
      if (own) return own;
    }
    const place = yaml?.places.value(path) ?? yaml?.places.key(path);
    return place ? { kind: 'file', source: file, place } : { kind: 'default' };
  };
  const errorAt = (path: ValuePath, message: string, key = false): ConfigError => {
    for (let length = path.length; length >= 0; length--) {
      const at = path.slice(0, length);
      const own = kinds.get(at.join('.'));
      if (own && 'source' in own) return new ConfigError({ source: own.source, path }, message);
      const place = key && length === path.length ? yaml?.places.key(at) : yaml?.places.value(at);
      // A map begins at its first entry; its own name is the better place.
      const named = !key && isMap(valueAt(base, at)) ? (yaml?.places.key(at) ?? place) : place;
      if (named) return new ConfigError({ source: file, place: named, path }, message);
    }
    return new ConfigError({ source: file, place: [1, 1], path }, message);
  };

  const list = listInPlaceOfMap(value);
  if (list) throw errorAt(list, `'${shown(list)}' must be a map, not a list`);
  const result = v.safeParse(configSchema, value);
  if (!result.success) throw complaintOf(result.issues, errorAt);
  const folderOf = (path: ValuePath): string =>
    originOf(path).kind === 'file' ? dirname(file) : process.cwd();
  const config = resolvePaths(result.output, folderOf);
  checkConfig(config, errorAt);
  return { config, home, file: yaml === undefined ? undefined : file, warnings, originOf };
}

const isMap = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype;

/** A name without anything behind it, such as a section whose entries are all comments, sets nothing. */
const withoutEmpty = (value: unknown): unknown =>
  isMap(value) ? Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null)) : value;

function valueAt(value: unknown, path: ValuePath): unknown {
  let now = value;
  for (const key of path) {
    if (typeof now !== 'object' || now === null || !Object.hasOwn(now, key)) return undefined;
    now = (now as Record<string | number, unknown>)[key];
  }
  return now;
}

/** A copy in which one value is another. What is no map on the way is replaced. */
function put(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined) return to;
  const map = isMap(value) ? value : {};
  return { ...map, [key]: put(Object.hasOwn(map, key) ? map[key] : undefined, rest, to) };
}

/** A setting as it applies. */
export interface EffectiveSetting {
  readonly path: readonly string[];
  /** The variable of the environment that sets it. */
  readonly variable: string;
  /** Undefined where nothing is set and there is no default. */
  readonly value: unknown;
  readonly origin: Origin;
}

/**
 * Every setting with its value and where that comes from.
 * @param loaded settings
 * @returns in the order of the schema
 */
export const effectiveSettings = (loaded: LoadedConfig): readonly EffectiveSetting[] =>
  settings().map((path) => ({
    path,
    variable: variableOf(path),
    value: valueAt(loaded.config, path),
    origin: loaded.originOf(path),
  }));
