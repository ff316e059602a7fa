/** `tacit audit verify|show`. */
import type { Command } from 'commander';

interface Options {
  readonly home?: string;
  readonly json?: boolean;
  readonly since?: string;
  readonly event?: string;
  readonly contains?: string;
}

const EXAMPLES = `
Every line holds the SHA-256 of the one before, so that a change anywhere shows. Somebody who can write the file can also
write all of it anew; keep the head that verify prints somewhere else, and ask for it later with --contains.

Examples:
  tacit audit verify
  tacit audit verify --contains 5e1c…
  tacit audit show --since 2026-11-01 --event decision
`;

export function addAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('what peers asked for, what was decided, and what ran here')
    .addHelpText('after', EXAMPLES);
  const common = (command: Command): Command =>
    command
      .option('--home <DIR>', 'home folder (default: TACIT_HOME or ~/.tacit)')
      .option('--json', 'print as JSON')
      .option('--debug', 'show stacks of errors');
  common(
    audit.command('verify').description('check that no line was changed, and name the first one that was'),
  )
    .option('--contains <HASH>', 'a head that was printed earlier and must be in the log')
    .action(verify);
  common(audit.command('show').description('print the log'))
    .option(
      '--since <TIME>',
      'a date or a moment of ISO 8601, in UTC unless it says otherwise, or an age such as 2h',
    )
    .option('--event <NAME>', 'only events of this name')
    .action(show);
}

async function verify({ home, json, contains }: Options): Promise<void> {
  const { auditPath, reportOf } = await import('./audit-output.js');
  const { text, fine } = await reportOf(auditPath(home), { contains, json: json === true });
  process.stdout.write(text);
  if (!fine) process.exitCode = 1;
}

async function show({ home, json, since, event }: Options): Promise<void> {
  const { auditPath, showAudit } = await import('./audit-output.js');
  await showAudit(auditPath(home), { since, event, json: json === true }, process.stdout);
}
