// `tacit he`: commands of packages that `tacit` does not depend on, so that installing it installs no web framework.
import { TacitError } from '@tacit/errors';

const SERVICE = '@tacit/he-service';
const LAYERS = '@tacit/he-layers';

/**
 * @param args of the command line
 * @param load imports a module; for tests
 * @returns adds `he` to a program, with its own commands if the command line is about them
 */
export async function heCommand(args, load = (name) => import(name)) {
  if (args[0] !== 'he') return (program) => void describe(program);
  const [service, layers] = await Promise.all([SERVICE, LAYERS].map((name) => installed(name, load)));
  return (program) => {
    const he = service?.addHe(program) ?? describe(program);
    layers?.addTest(he);
    if (service === undefined) refuse(he, SERVICE);
    if (layers === undefined) refuse(he.command('test'), LAYERS);
  };
}

const describe = (program) =>
  program.command('he').description(`networks that compute on ciphertexts (in ${SERVICE})`);

/** The commands of a package; undefined if it is not there. */
async function installed(name, load) {
  try {
    return await load(`${name}/cli`);
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`'${name}'`)) return undefined;
    throw error;
  }
}

function refuse(command, name) {
  command
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw new TacitError('NOT_INSTALLED', `this command is in ${name}: npm install ${name}`);
    });
}
