/**
 * Invites that this organisation issued: a folder with `ID.json` for each (its secret and what it gives), and beside it
 * `ID.used`, made once by whoever uses it first, and `ID.done` when the peer has been added.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FileError, systemReason } from '@tacit/files';
import * as v from 'valibot';
import { InviteError } from '../errors.js';
import { pathsIn } from '../home/home.js';
import { createOwn, ensureOwnFolder, readOwn, requireOwnFolder } from '../home/private-files.js';
import type { Peer } from '../peers/peer.js';
import { peerSchema } from '../peers/schema.js';

/** An invite as its issuer keeps it. */
export interface IssuedInvite {
  /** 16 hexadecimal digits, not secret. */
  readonly id: string;
  readonly secret: Uint8Array;
  readonly created: Date;
  readonly expires: Date;
  /** What whoever uses it becomes, but for the device id. */
  readonly peer: Omit<Peer, 'ids'>;
  /** Whether it may take the place of a peer of the same name. */
  readonly replace: boolean;
}

/** Who used an invite, and when. */
export interface InviteUse {
  /** Fingerprint; undefined where a crash left no record. */
  readonly joiner: string | undefined;
  readonly at: Date | undefined;
  /** Whether the peer was added. */
  readonly done: boolean;
}

/** Invites that nobody can use any more are kept for so long, to be recognised. */
const KEPT_MS = 30 * 24 * 3_600_000;
const ID = /^([0-9a-f]{16})\.json$/;

const time = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((text) => new Date(text)),
);
const issuedSchema = v.strictObject({
  secret: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  created: time,
  expires: time,
  peer: v.omit(peerSchema, ['ids']),
  replace: v.boolean(),
});
const useSchema = v.object({ joiner: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), at: time });

const file = (home: string, id: string, ending: 'json' | 'used' | 'done'): string =>
  join(pathsIn(home).invites, `${id}.${ending}`);

/** Keeps a new invite. */
export function keepInvite(
  home: string,
  { id, secret, created, expires, peer, replace }: IssuedInvite,
): void {
  const { invites } = pathsIn(home);
  ensureOwnFolder(home);
  ensureOwnFolder(invites);
  const record = { secret: Buffer.from(secret).toString('hex'), created, expires, peer, replace };
  createOwn(file(home, id, 'json'), `${JSON.stringify(record, undefined, 2)}\n`);
}

/** All invites that are kept, the oldest first. */
export function keptInvites(home: string): IssuedInvite[] {
  const { invites } = pathsIn(home);
  requireOwnFolder(home);
  requireOwnFolder(invites);
  let names: string[];
  try {
    names = readdirSync(invites);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new FileError('FILE_NOT_READABLE', invites, `cannot read ${invites}: ${systemReason(cause)}`, {
      cause,
    });
  }
  return names
    .flatMap((name) => ID.exec(name)?.[1] ?? [])
    .flatMap((id) => read(home, id) ?? [])
    .sort((a, b) => a.created.getTime() - b.created.getTime());
}

function read(home: string, id: string): IssuedInvite | undefined {
  const path = file(home, id, 'json');
  const text = readOwn(path, true);
  // Withdrawn while the folder was read.
  if (text === undefined) return undefined;
  const result = v.safeParse(issuedSchema, jsonOf(text));
  if (!result.success)
    throw new InviteError('INVITE_FORMAT', `${path} is damaged, so its invite is of no use: remove the file`);
  const { secret, ...others } = result.output;
  return {
    id,
    ...others,
    peer: others.peer as Omit<Peer, 'ids'>,
    secret: Uint8Array.from(Buffer.from(secret, 'hex')),
  };
}

/** Who used an invite; undefined as long as nobody did. */
export function useOf(home: string, id: string): InviteUse | undefined {
  const text = readOwn(file(home, id, 'used'), false);
  if (text === undefined) return undefined;
  const result = v.safeParse(useSchema, jsonOf(text));
  const done = readOwn(file(home, id, 'done'), false) !== undefined;
  return { joiner: undefined, at: undefined, ...(result.success ? result.output : {}), done };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Uses an invite up; false where somebody else, or the same one, did already. On the disk when this returns. */
export const burn = (home: string, id: string, joiner: string, at: Date): boolean =>
  createOwn(file(home, id, 'used'), `${JSON.stringify({ joiner, at })}\n`);

/** Notes that the peer of an invite has been added. */
export const markDone = (home: string, id: string): boolean => createOwn(file(home, id, 'done'), '');

/** Removes all that is kept of an invite; the invite itself first, so that a crash leaves nothing that could be used. */
export function forget(home: string, id: string): void {
  for (const ending of ['json', 'used', 'done'] as const) rmSync(file(home, id, ending), { force: true });
}

/** Removes what has long expired. */
export function forgetOld(home: string, now: number): void {
  for (const { id, expires } of keptInvites(home)) if (expires.getTime() + KEPT_MS < now) forget(home, id);
}
