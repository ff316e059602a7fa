/** The home: there, of this user, closed to others, with room to write. */
import { access, constants, stat, statfs } from 'node:fs/promises';
import { bytes } from '@tacit/cli-kit';
import { type Found, ok, problem, warning } from '../finding.js';
import { codeOf } from '../within.js';

/** Less room than this is gone by the next log file. */
const LEAST_BYTES = 100e6;

/**
 * Looks at the home folder.
 * @param home the folder
 * @returns what is so
 */
export async function checkHome(home: string): Promise<Found> {
  let found: Awaited<ReturnType<typeof stat>>;
  try {
    found = await stat(home);
  } catch (error) {
    if (codeOf(error) === 'ENOENT')
      return problem(
        `there is no home ${home}`,
        'make an identity, which makes the home: tacit identity --name NAME; or say where it is: --home or TACIT_HOME',
      );
    return problem(
      `${home} cannot be looked into (${codeOf(error)})`,
      'run tacit as the user to whom it belongs',
    );
  }
  if (!found.isDirectory()) return problem(`${home} is no folder`, 'give another one: --home or TACIT_HOME');
  const mine = process.geteuid?.();
  // Windows has other permissions; a volume of a container belongs to root and to a group of its own.
  if (mine !== undefined) {
    if (found.uid !== mine && found.uid !== 0)
      return problem(
        `${home} belongs to another user`,
        `run tacit as that user, or: chown -R $(id -u) ${home}`,
      );
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
    const volume = found.uid === 0 && mine !== 0;
    if (found.mode & (volume ? 0o002 : 0o022))
      return problem(`others can write to ${home} (its mode is ${mode})`, `chmod 700 ${home}`);
    if (found.mode & (volume ? 0o005 : 0o055))
      return warning(`others can look into ${home} (its mode is ${mode})`, `chmod 700 ${home}`);
  }
  try {
    await access(home, constants.W_OK);
  } catch {
    return problem(
      `${home} cannot be written to`,
      'mount it writable: quotas, used invites and the audit log are kept there',
    );
  }
  return room(home);
}

async function room(home: string): Promise<Found> {
  const { bavail, bsize } = await statfs(home);
  const free = bavail * bsize;
  if (free < LEAST_BYTES)
    return warning(
      `only ${bytes(free)} are free on the disk of ${home}`,
      'make room: a session is refused when the audit log cannot be written',
      { freeBytes: free },
    );
  return ok(`${home} is closed to others, ${bytes(free)} are free`, { freeBytes: free });
}
