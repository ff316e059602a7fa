/** Makes the identity of an organisation, or the next one. */
import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FileError, systemReason } from '@tacit/files';
import { IdentityError } from '../errors.js';
import { pathsIn } from '../home/home.js';
import { createOwn, ensureOwnFolder, entryAt, syncFolder } from '../home/private-files.js';
import { requireName } from '../names.js';
import { makeCertificate } from './certificate.js';
import { type Identity, identityOf, readIdentity } from './read.js';

/** How `createIdentity` makes an identity. */
export interface IdentityOptions {
  /** Of the organisation, for its certificate. May be left out with `renew`, which keeps it then. */
  readonly name?: string;
  /** Makes a new identity in place of the one that is there, which is kept in a folder beside it. */
  readonly renew?: boolean;
}

/**
 * Makes an identity: a key that only this user can read, and a certificate. Both appear at once, or not at all. Without
 * `renew`, an identity that is there stays as it is.
 * @param home the folder, from `homeFolder`; it is made where there is none
 * @param options the name, and whether an identity is replaced
 * @returns the new identity; the old one stays in `identity.old` (or `identity.old.2`, and so on)
 * @throws IdentityError IDENTITY_EXISTS where there is one, IDENTITY_FILES where the one to be renewed has no name that
 *   can be kept; ArgumentError for a name that cannot be; FileError where nothing can be written
 * @example
 * const { deviceId } = await createIdentity(homeFolder(), { name: 'alice' });
 */
export async function createIdentity(
  home: string,
  { name, renew = false }: IdentityOptions,
): Promise<Identity> {
  const { identity: folder } = pathsIn(home);
  const there = holdsSomething(folder);
  if (there && !renew)
    throw new IdentityError(
      'IDENTITY_EXISTS',
      `there is an identity in ${folder}, which is not replaced; 'tacit identity' shows it, and 'tacit identity --renew' makes a new one`,
    );
  const chosen = requireName(name ?? (there ? nameToKeep(home) : undefined), 'an organisation');
  ensureOwnFolder(home);
  const made = await makeCertificate(chosen);
  const staged = join(home, `.${basename(folder)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    ensureOwnFolder(staged);
    createOwn(join(staged, 'key.pem'), made.key);
    createOwn(join(staged, 'certificate.pem'), made.certificate);
    const old = there ? moveAway(folder) : undefined;
    place(staged, folder, old);
  } catch (error) {
    rmSync(staged, { recursive: true, force: true });
    throw error;
  }
  return identityOf(made.key, made.certificate, pathsIn(home));
}

const exists = (path: string): boolean => entryAt(path) !== undefined;

/** An empty folder is no identity. */
function holdsSomething(folder: string): boolean {
  const entry = entryAt(folder);
  return entry !== undefined && !(entry.isDirectory() && readdirSync(folder).length === 0);
}

function nameToKeep(home: string): string {
  try {
    return readIdentity(home).name;
  } catch (cause) {
    throw new IdentityError(
      'IDENTITY_FILES',
      `the identity that is there cannot be read, so the new one needs a name: tacit identity --renew --name NAME (${(cause as Error).message})`,
      { cause },
    );
  }
}

/** Never over another old one. */
function moveAway(folder: string): string {
  let old = `${folder}.old`;
  for (let i = 2; exists(old); i++) old = `${folder}.old.${i}`;
  renaming(folder, old);
  return old;
}

/** Of several processes that make an identity at the same time, one succeeds: a folder that has files is not replaced. */
function place(staged: string, folder: string, old: string | undefined): void {
  try {
    renaming(staged, folder);
  } catch (error) {
    if (old !== undefined && !exists(folder)) renaming(old, folder);
    else if (exists(join(folder, 'key.pem')))
      throw new IdentityError('IDENTITY_EXISTS', `another process made an identity in ${folder} meanwhile`, {
        cause: error,
      });
    throw error;
  }
}

function renaming(from: string, to: string): void {
  try {
    renameSync(from, to);
    syncFolder(dirname(to));
  } catch (cause) {
    throw new FileError('FILE_NOT_WRITABLE', to, `cannot write ${to}: ${systemReason(cause)}`, { cause });
  }
}
