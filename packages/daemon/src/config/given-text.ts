/** Texts of variables and flags as values: as they stand where a setting is a text, and as YAML where it is not. */
import { ConfigError } from '../errors.js';
import type { Given } from './environment.js';
import { readYaml } from './places.js';
import { isText } from './walk.js';

/**
 * The value of a setting that was given as text, such as `7700`, `true`, or `[{ name: score, file: score.mjs }]`.
 * @param given variable or flag
 * @returns the value, not checked yet
 * @throws ConfigError where it is not correct YAML
 */
export function parseText({ path, source, value }: Given): unknown {
  if (typeof value !== 'string' || isText(path)) return value;
  try {
    const { value: read } = readYaml(value, source);
    // A setting that takes a text or a list, such as `proxy`, gets an address as it stands.
    return read === null ? value : read;
  } catch (error) {
    if (error instanceof ConfigError)
      throw new ConfigError({ source, path }, error.message.replace(/^.*?:\d+:\d+: /s, ''), { cause: error });
    throw error;
  }
}
