/** The commands of locks, within this process. */
import { Command, CommanderError } from 'commander';
import { addLockCommands } from '../../src/cli/index.js';

/** How a command ended. */
export interface Ended {
  /** Code and message, or ''. */
  readonly error: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tacit` with these arguments. */
export async function run(...args: string[]): Promise<Ended> {
  const program = new Command('tacit');
  addLockCommands(program);
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ outputError: () => {} });
    command.commands.forEach(quiet);
  };
  quiet(program);
  const said = { stdout: '', stderr: '' };
  const streams = ['stdout', 'stderr'] as const;
  const before = streams.map((name) => process[name].write);
  for (const name of streams)
    process[name].write = ((chunk: string | Uint8Array) => {
      said[name] += Buffer.from(chunk as string).toString();
      return true;
    }) as typeof process.stdout.write;
  let error = '';
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError) error = `USAGE ${thrown.message}`;
    else if (thrown instanceof Error && 'code' in thrown) error = `${thrown.code} ${thrown.message}`;
    else throw thrown;
  } finally {
    for (const [i, name] of streams.entries()) process[name].write = before[i];
  }
  return { error, ...said };
}
