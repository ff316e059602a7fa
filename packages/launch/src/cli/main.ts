/** Command line: parses, runs, and turns every error into one line and an exit code (2 usage, 130 Ctrl-C, 1 others). */
import { readFileSync } from 'node:fs';
import { endWithReader } from '@tacit/cli-kit';
import { Command, CommanderError } from 'commander';
import { packageFile } from '../location.js';
import { addCheck } from './check-command.js';
import { debugRequested, exitCodeOf, reportError } from './errors.js';
import { addExplain } from './explain-command.js';
import { addPredict } from './predict-command.js';
import { addReport } from './report-command.js';
import { addSessionCommands, type StartDaemon } from './session-commands.js';
import { addTrain } from './train-command.js';

const EXAMPLES = `
Examples:
  tacit check model.onnx
  tacit explain model.onnx --batch 32 --rtt 40ms --bandwidth 100mbit
  tacit predict model.onnx input.npy --out output.npy
  tacit train config.yaml --json run.json
  tacit report run.json
  tacit predict --help
`;

/** What other packages do for commands of this one. */
export interface MainOptions {
  /** Starts an organisation's own process: what `tacit party` and `tacit dealer` do without a session file. */
  readonly startDaemon?: StartDaemon;
}

/**
 * Runs `tacit` with `args`; sets the exit code of the process. Never throws.
 * @param args the command line, without the interpreter and the script
 * @param extensions add commands of other packages
 * @param options what other packages do for commands of this one
 */
export async function main(
  args: readonly string[],
  extensions: readonly ((program: Command) => void)[] = [],
  options: MainOptions = {},
): Promise<void> {
  endWithReader();
  const program = new Command('tacit')
    .description(
      'Private inference and training: models and data of different owners, none seen by the others.',
    )
    .version(version(), '--version')
    .addHelpText('after', EXAMPLES);
  addPredict(program);
  addCheck(program);
  addExplain(program);
  addTrain(program);
  addReport(program);
  addSessionCommands(program, options.startDaemon);
  for (const extend of extensions) extend(program);
  reportThroughErrors(program);
  try {
    if (args.length === 0) program.help();
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    // Help and version were printed; commander reports them as errors with exit code 0.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    // A command of commands without one of them: its help was printed.
    if (error instanceof CommanderError && error.code === 'commander.help') {
      process.exitCode = 2;
      return;
    }
    reportError(error, commandOf(program, args), debugRequested(args));
    process.exitCode = exitCodeOf(error);
  }
}

/** Usage errors are thrown like all others, by the commands of commands too. */
function reportThroughErrors(command: Command): void {
  command.exitOverride();
  command.configureOutput({ outputError: () => {} });
  command.commands.forEach(reportThroughErrors);
}

/** The words that name a command, as far as they do. */
function commandOf(program: Command, args: readonly string[]): string {
  const names = [program.name()];
  let command: Command | undefined = program;
  for (const arg of args) {
    command = command.commands.find((one) => [one.name(), ...one.aliases()].includes(arg));
    if (command === undefined) break;
    names.push(command.name());
  }
  return names.join(' ');
}

function version(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
