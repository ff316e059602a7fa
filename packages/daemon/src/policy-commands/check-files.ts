/** `tacit config check`: beyond the settings themselves, the files that they name. */
import { requireFile } from '@tacit/files';
import type { LoadedConfig } from '../config/load.js';
import { hashProgram } from '../consent/program-hash.js';

/**
 * Looks at the programs and files that settings name.
 * @param loaded settings
 * @returns what is printed
 * @throws FileError, ProgramHashError
 */
export async function checkFiles({ config, file }: LoadedConfig): Promise<string> {
  const lines = [`${file ?? 'no file'}: the settings are correct`];
  for (const program of config.programs) {
    const { hash, files, packages } = await hashProgram(program.file);
    for (const path of Object.values(program.files)) requireFile(path);
    const more = files.length > 1 ? ` and ${files.length - 1} that it imports` : '';
    const outside = packages.length > 0 ? `; not covered: ${packages.join(', ')}` : '';
    lines.push(`program ${program.name}: sha256 ${hash} of ${program.file}${more}${outside}`);
  }
  const { tls } = config.relayServer ?? {};
  for (const path of tls ? [tls.key, tls.certificate] : []) requireFile(path);
  return `${lines.join('\n')}\n`;
}
