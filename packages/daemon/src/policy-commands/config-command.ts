/** `tacit config show|check|schema`: the settings of a party, dealer or relay. */
import type { Command } from 'commander';

interface Options {
  readonly home?: string;
  readonly config?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Settings come from config.yaml in the home folder, then from variables such as TACIT_LISTEN__PORT, then from flags; each
goes before the one before.

Examples:
  tacit config show                      every setting, its value, and where it comes from
  tacit config check                     says what is wrong, and where
  tacit config schema > schema.json      for editors: '# yaml-language-server: $schema=schema.json' in config.yaml
`;

export function addConfig(program: Command): void {
  const config = program
    .command('config')
    .description('settings of this organisation: show, check, describe')
    .addHelpText('after', EXAMPLES);
  const sources = (command: Command): Command =>
    command
      .option('--home <DIR>', 'home folder (default: TACIT_HOME or ~/.tacit)')
      .option('--config <FILE>', 'the file (default: config.yaml in the home folder)')
      .option('--debug', 'show stacks of errors');
  sources(config.command('show').description('print every setting, and where it comes from'))
    .option('--json', 'print as JSON')
    .action(show);
  sources(
    config.command('check').description('check all settings, and that files they name are there'),
  ).action(check);
  config.command('schema').description('print the JSON Schema of config.yaml').action(schema);
}

async function show({ home, config, json }: Options): Promise<void> {
  const { loadConfig } = await import('../config/load.js');
  const { renderSettings } = await import('./render-settings.js');
  process.stdout.write(renderSettings(await loadConfig({ home, file: config }), json === true));
}

async function check({ home, config }: Options): Promise<void> {
  const { loadConfig } = await import('../config/load.js');
  const { checkFiles } = await import('./check-files.js');
  const loaded = await loadConfig({ home, file: config });
  for (const warning of loaded.warnings) process.stderr.write(`tacit: warning: ${warning}\n`);
  process.stdout.write(await checkFiles(loaded));
}

async function schema(): Promise<void> {
  const { configJsonSchema } = await import('../config/json-schema.js');
  process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
}
