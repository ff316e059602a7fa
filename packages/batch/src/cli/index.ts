/** `tacit batch`: rows in shards on the command line. What a command needs is loaded by the one that runs. */
import { integer, names } from '@tacit/cli-kit';
import type { Command } from 'commander';
import { predictFile } from '../location.js';
import { type WorkFlags, withPlaces, withQueue, withWork } from './flags.js';
import type { ShardFlags } from './shard-command.js';
import type { StatusFlags } from './status-command.js';
import type { SubmitFlags } from './submit-command.js';
import type { WorkerFlags } from './work-command.js';

const EXAMPLES = `
Examples:
  tacit batch submit rows.npy --with bob --dealer carol --rows-per-shard 256 --out scores.npy
  tacit batch submit rows.npy --with bob --dealer carol --rows-per-shard 256 --queue redis://127.0.0.1:6379
  tacit batch work --queue redis://127.0.0.1:6379 --sessions 2
  tacit batch status
  tacit batch resume ID --out scores.npy

Rows are scored by the model of another organisation: the program is predict, which comes with this package, or one of
your own by --program. Without a queue the command computes itself, and what is left when it ends is for resume.
`;

/**
 * Adds the command `batch` with its own commands.
 * @param program the command that gets it
 * @returns the command `batch`
 */
export function addBatch(program: Command): Command {
  const batch = program
    .command('batch')
    .description('score many rows in shards, each in a session with other organisations')
    .addHelpText('after', EXAMPLES);

  withPlaces(withQueue(withWork(batch.command('submit'))))
    .description('make a batch of a file of rows, and wait for its results')
    .argument('<ROWS>', '.npy, one row an entry of the first axis, or .csv')
    .argument('[ARGS...]', 'for the program, at all parties')
    .requiredOption('--with <NAME>', 'another party; several by commas, or by giving it again', names)
    .requiredOption('--dealer <NAME>', 'who deals')
    .requiredOption('--rows-per-shard <N>', 'rows of a session', integer(1, 2 ** 31 - 1))
    .option('--program <FILE>', 'your copy of the program (default: predict.mjs of this package)')
    .option('--as <NAME>', "what the others call it (default: the file's name without its ending)")
    .option('--out <FILE>', 'where the results go, .npy or .csv')
    .option('--detach', 'do not wait: workers do the rest')
    .action(async (input: string, args: string[], flags: SubmitFlags) => {
      const { submit } = await import('./submit-command.js');
      await submit(input, args, flags);
    });

  withPlaces(withQueue(withWork(batch.command('resume'))))
    .description('go on with what is not done yet of a batch, also with what failed')
    .argument('<ID>', 'of the batch')
    .option('--out <FILE>', 'where the results go, .npy or .csv')
    .option('--detach', 'do not wait: workers do the rest')
    .action(async (id: string, flags: WorkFlags & { out?: string; detach?: boolean }) => {
      const { resume } = await import('./resume-command.js');
      await resume(id, flags);
    });

  withPlaces(withQueue(batch.command('status')))
    .description('what is done, what failed, and what is in the queue')
    .argument('[ID]', 'of a batch (default: all)')
    .option('--out <FILE>', 'where the results go if all is done, .npy or .csv')
    .option('--json', 'as JSON')
    .action(async (id: string | undefined, flags: StatusFlags) => {
      const { status } = await import('./status-command.js');
      await status(id, flags);
    });

  withPlaces(withQueue(withWork(batch.command('work'))))
    .description('a worker: takes shards of all batches from the queue, until a signal ends it')
    .option('--lease <TIME>', 'after how long without a sign of life its shards go to others', '30s')
    .option('--metrics <HOST:PORT>', '/livez, /readyz and /metrics')
    .action(async (flags: WorkerFlags) => {
      const { runWorker } = await import('./work-command.js');
      await runWorker(flags);
    });

  withPlaces(withWork(batch.command('shard')))
    .description('compute one shard and end, as a pod of a Kubernetes Indexed Job')
    .argument('<ID>', 'of the batch')
    .option('--index <N>', 'number of the shard (default: JOB_COMPLETION_INDEX)')
    .action(async (id: string, flags: ShardFlags) => {
      const { runShard } = await import('./shard-command.js');
      await runShard(id, flags);
    });

  batch
    .command('program')
    .description('where the program predict is, for the settings of the other organisation')
    .action(() => {
      process.stdout.write(`${predictFile()}\n`);
    });
  return batch;
}
