/** `tacit run` */
import { basename, extname, resolve } from 'node:path';
import { interruptible, note } from '@tacit/cli-kit';
import { lead } from '../processes/lead.js';
import { openOrganisation } from '../processes/organisation.js';
import { DaemonUsageError, SessionCancelledError } from '../session-errors.js';
import { quietSettings, type RunFlags } from './flags.js';

/**
 * Leads a session, and prints what the program returns.
 * @param file of the program
 * @param args for it
 * @param flags of the command line
 */
export async function runSession(file: string, args: readonly string[], flags: RunFlags): Promise<void> {
  const path = resolve(file);
  const program = flags.as ?? basename(path, extname(path));
  const organisation = await openOrganisation({
    home: flags.home,
    configFile: flags.config,
    flags: quietSettings('tacit run', flags),
  });
  const offered = organisation.config.programs.find(({ name }) => name === program);
  const result = await interruptible(
    (signal) =>
      lead({
        organisation,
        file: path,
        program,
        arguments: args,
        with: flags.with,
        dealer: flags.dealer,
        tapes: flags.tapes ? offered?.tapes : undefined,
        files: { ...offered?.files, ...filesOf(flags.file ?? []) },
        signal,
        say: flags.quiet ? () => {} : note,
      }),
    () => new SessionCancelledError(organisation.name),
  );
  if (result !== undefined) process.stdout.write(`${JSON.stringify(result)}\n`);
}

function filesOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new DaemonUsageError(`--file takes KEY=PATH, not '${text}'`);
      return [text.slice(0, at), resolve(text.slice(at + 1))];
    }),
  );
}
