// `tacit batch`: commands of a package that `tacit` does not depend on, so that installing it installs no queue.
import { TacitError } from '@tacit/errors';

const NAME = '@tacit/batch';

/**
 * @param args of the command line
 * @param load imports a module; for tests
 * @returns adds `batch` to a program, with its own commands if the command line is about them
 */
export async function batchCommand(args, load = (name) => import(name)) {
  if (args[0] !== 'batch') return (program) => void describe(program);
  try {
    const { addBatch } = await load(`${NAME}/cli`);
    return (program) => void addBatch(program);
  } catch (error) {
    if (!(error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`'${NAME}'`))) throw error;
    return (program) =>
      void describe(program)
        .allowUnknownOption()
        .allowExcessArguments()
        .action(() => {
          throw new TacitError('NOT_INSTALLED', `this command is in ${NAME}: npm install ${NAME}`);
        });
  }
}

const describe = (program) =>
  program
    .command('batch')
    .description(`score many rows in shards, each in a session with other organisations (in ${NAME})`);
