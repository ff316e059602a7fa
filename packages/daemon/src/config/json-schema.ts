/** The schema of config.yaml for editors. */
import { toJsonSchema } from '@valibot/to-json-schema';
import { configSchema } from './schema.js';

/**
 * The JSON Schema of a config file, as it is written: durations and sizes are texts.
 * @returns draft 7
 */
export function configJsonSchema(): Record<string, unknown> {
  // Checks that a schema cannot express, such as ranges of durations, are made when the file is read.
  const { $schema, ...schema } = toJsonSchema(configSchema, { typeMode: 'input', errorMode: 'ignore' });
  return { $schema, title: 'Settings of a Tacit party, dealer or relay', ...schema };
}
