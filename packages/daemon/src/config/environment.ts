/**
 * Settings from the environment: `TACIT_` and the path in capitals, words apart by one underscore, keys by two:
 * `TACIT_SESSION__RESUME` is `session.resume`, `TACIT_LIMITS__SESSIONS_AT_ONCE` is `limits.sessionsAtOnce`.
 */
import { ConfigError } from '../errors.js';
import { nearest } from './closest.js';
import { settings } from './walk.js';

const PREFIX = 'TACIT_';
/** What TACIT_ variables other parts of Tacit read. */
const OTHERS = new Set(['TACIT_HOME', 'TACIT_SEED', 'TACIT_DEBUG', 'TACIT_HE_TOKEN', 'TACIT_CONFIG']);

/** Kubernetes sets variables such as TACIT_RELAY_PORT for a service of the name tacit-relay. */
const KUBERNETES = /_(?:SERVICE_HOST|SERVICE_PORT|PORT)(?:_|$)/;

/** A setting that a variable or a flag gives. */
export interface Given {
  readonly path: readonly string[];
  /** The name of the variable or flag. */
  readonly source: string;
  readonly value: unknown;
}

/**
 * The variable that sets something.
 * @param path of the setting
 * @returns e.g. `TACIT_LISTEN__PORT`
 */
export const variableOf = (path: readonly string[]): string =>
  PREFIX + path.map((key) => key.replace(/[A-Z]/g, '_$&').toUpperCase()).join('__');

/**
 * The settings that an environment holds. Variables that are empty are as good as absent.
 * @param env of the process
 * @returns what is set, and remarks on variables that look like settings and are none
 * @throws ConfigError for a variable with `__` that is no setting
 */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): {
  readonly given: readonly Given[];
  readonly warnings: readonly string[];
} {
  const known = new Map(settings().map((path) => [variableOf(path), path]));
  const names = [...known.keys()];
  const given: Given[] = [];
  const warnings: string[] = [];
  for (const source of Object.keys(env).sort()) {
    const value = env[source];
    if (!source.startsWith(PREFIX) || value === undefined || value === '') continue;
    const path = known.get(source);
    if (path !== undefined) given.push({ path, source, value });
    else if (!OTHERS.has(source)) {
      const meant = nearest(
        source.slice(PREFIX.length),
        names.map((name) => name.slice(PREFIX.length)),
      );
      const hint = meant === undefined ? '' : `; did you mean ${PREFIX}${meant}?`;
      if (source.includes('__'))
        throw new ConfigError(
          { source, path: [] },
          `there is no such setting${hint || '; tacit config show lists all'}`,
        );
      if (meant !== undefined && !KUBERNETES.test(source)) warnings.push(`${source} is ignored${hint}`);
    }
  }
  return { given, warnings };
}
