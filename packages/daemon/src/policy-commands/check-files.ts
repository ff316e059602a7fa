/** `tacit config check`: beyond the settings themselves, the files that they name. */
import { requireFile } from '@tacit/files';
import type { LoadedConfig } from '../config/load.js';
import type { ConfiguredTapes } from '../config/schema.js';
import { hashProgram } from '../consent/program-hash.js';

/** How many tapes are left; what is wrong with some is said, too. */
async function tapesLeft({ key, ...tapes }: ConfiguredTapes): Promise<string> {
  const { readTapeKey, TapeFolder } = await import('@tacit/tapes');
  const folder = new TapeFolder({ ...tapes, keys: await readTapeKey(key) });
  const wrong: string[] = [];
  const left = [...folder.unused((file, error) => wrong.push(`${file}: ${error.message}`))].length;
  return [`${left} tapes in ${tapes.folder}`, ...wrong].join('\n  ');
}

/**
 * Looks at the programs and files that settings name.
 * @param loaded settings
 * @returns what is printed
 * @throws FileError, ProgramHashError, TapeError where a key of tapes cannot be used
 */
export async function checkFiles({ config, file }: LoadedConfig): Promise<string> {
  const lines = [`${file ?? 'no file'}: the settings are correct`];
  for (const program of config.programs) {
    const { hash, files, packages } = await hashProgram(program.file);
    for (const path of Object.values(program.files)) requireFile(path);
    const more = files.length > 1 ? ` and ${files.length - 1} that it imports` : '';
    const outside = packages.length > 0 ? `; not covered: ${packages.join(', ')}` : '';
    lines.push(`program ${program.name}: sha256 ${hash} of ${program.file}${more}${outside}`);
    if (program.tapes) lines.push(`program ${program.name}: ${await tapesLeft(program.tapes)}`);
  }
  const { tls } = config.relayServer ?? {};
  for (const path of tls ? [tls.key, tls.certificate] : []) requireFile(path);
  return `${lines.join('\n')}\n`;
}
