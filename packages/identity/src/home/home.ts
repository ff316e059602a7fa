/** The folder of an organisation: `~/.tacit`, unless told otherwise. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { IdentityError } from '../errors.js';

/**
 * The folder in which identity, peers and invites are.
 * @param chosen by the user, as `--home`
 * @returns `chosen`, or else the environment's TACIT_HOME, or else `.tacit` in the home folder of the user; absolute
 * @throws IdentityError where the user has no home folder and chose none
 */
export function homeFolder(chosen?: string): string {
  const given = chosen || process.env.TACIT_HOME;
  if (given) return resolve(given);
  const home = homedir();
  if (!home || home === '/nonexistent')
    throw new IdentityError(
      'IDENTITY_MISSING',
      'this user has no home folder; set TACIT_HOME, or give --home',
    );
  return join(home, '.tacit');
}

/** Paths of what is in a home. */
export const pathsIn = (home: string) => ({
  identity: join(home, 'identity'),
  key: join(home, 'identity', 'key.pem'),
  certificate: join(home, 'identity', 'certificate.pem'),
  peers: join(home, 'peers.yaml'),
  invites: join(home, 'invites'),
});
