/** Issues invites, lists them, and takes them back. */
import { randomBytes } from 'node:crypto';
import { ArgumentError } from '@tacit/errors';
import * as v from 'valibot';
import { addressAtRelay } from '../address.js';
import { InviteError, PeerError } from '../errors.js';
import { readIdentity } from '../identity/read.js';
import { ANY_PROGRAM, requireName } from '../names.js';
import type { Peer, PeerRole, ProgramRule } from '../peers/peer.js';
import { openPeers } from '../peers/peers-file.js';
import { peerSchema } from '../peers/schema.js';
import { encodeInvite } from './encode.js';
import { forget, forgetOld, type IssuedInvite, keepInvite, keptInvites, useOf } from './store.js';

/** What an invite gives, and for how long. */
export interface InviteOptions {
  /** What this organisation will call whoever uses the invite. */
  readonly name: string;
  /** Where this organisation is reached: `wss://host:port`, or `wss://relay/to/FINGERPRINT`. */
  readonly address?: string;
  /** Instead of an address: the relay at which this organisation waits, `wss://relay.host`. */
  readonly relay?: string;
  /** What the new peer may start here. Nothing where this is left out. */
  readonly programs?: readonly ProgramRule[];
  readonly role?: PeerRole;
  /** For how long the invite can be used, in milliseconds; 7 days if it is left out, at most 366. */
  readonly expiresInMs?: number;
  /** Whether whoever uses it takes the place of the peer of that name, e.g. when that lost its key. */
  readonly replace?: boolean;
  /** The time, in milliseconds; for tests. */
  readonly now?: number;
}

const DAY_MS = 24 * 3_600_000;
const MOST_OPEN = 1000;

/**
 * Makes an invite: one line that another organisation pastes once. Whoever has it can become a peer, so it travels by a
 * way that both trust; it can be used once.
 * @param home the folder, from `homeFolder`
 * @param options whom it is for, what it gives, where this organisation is reached
 * @returns `tacit:1:…`, less than 300 characters. A secret
 * @throws ArgumentError for an option that cannot be; PeerError PEER_EXISTS where there is a peer of that name and
 *   `replace` is not given, PEER_UNKNOWN where it is given and there is none; IdentityError where there is no identity
 * @example
 * createInvite(home, { name: 'bob', address: 'wss://alice.example:7700', programs: [{ name: 'predict' }] });
 */
export function createInvite(home: string, options: InviteOptions): string {
  const { programs, role, expiresInMs = 7 * DAY_MS, replace = false, now = Date.now() } = options;
  const name = requireName(options.name, 'a peer');
  if (!(expiresInMs >= 1000 && expiresInMs <= 366 * DAY_MS))
    throw new ArgumentError('an invite can be used for at least a second and at most 366 days');
  if ((options.address === undefined) === (options.relay === undefined))
    throw new ArgumentError('an invite says where to go: either an address or a relay');
  const identity = readIdentity(home);
  const address = options.address ?? addressAtRelay(options.relay as string, identity.fingerprint);
  const peer = { name, ...(role ? { role } : {}), ...(programs ? { programs } : {}) };
  const checked = v.safeParse(v.omit(peerSchema, ['ids']), peer, { abortEarly: true });
  if (!checked.success) {
    const [issue] = checked.issues;
    throw new ArgumentError(`${(issue.path ?? []).map(({ key }) => key).join('.')} ${issue.message}`);
  }
  const known = openPeers(home).get(name);
  if (known && !replace)
    throw new PeerError(
      'PEER_EXISTS',
      `there is a peer '${name}' already; choose another name, or replace it (--replace)`,
    );
  if (!known && replace)
    throw new PeerError('PEER_UNKNOWN', `there is no peer '${name}' whose place an invite could take`);
  forgetOld(home, now);
  if (keptInvites(home).filter(({ id }) => !useOf(home, id)).length >= MOST_OPEN)
    throw new ArgumentError(`there are ${MOST_OPEN} invites that nobody used; withdraw some of them`);
  const secret = randomBytes(16);
  // Whole seconds, as in the invite.
  const expires = new Date(Math.floor((now + expiresInMs) / 1000) * 1000);
  // The other side is told a name that it can use, and may be of a release that knows no others.
  const program = programs?.map((rule) => rule.name).find((rule) => rule !== ANY_PROGRAM);
  const text = encodeInvite({
    address,
    fingerprint: identity.fingerprint,
    name: identity.name,
    secret,
    program,
    expires,
  });
  const id = randomBytes(8).toString('hex');
  keepInvite(home, { id, secret, created: new Date(now), expires, peer, replace });
  return text;
}

/** What became of an invite. Tells no secret. */
export interface InviteState {
  readonly id: string;
  /** What it makes of whoever uses it. */
  readonly peer: Omit<Peer, 'ids'>;
  readonly created: Date;
  readonly expires: Date;
  readonly state: 'open' | 'used' | 'expired';
  /** Fingerprint of whoever used it. */
  readonly joiner?: string;
}

/**
 * The invites of this organisation, the oldest first. Those that expired 30 days ago are forgotten.
 * @param home the folder, from `homeFolder`
 * @param now the time, in milliseconds; for tests
 * @returns what each gives, and what became of it
 */
export function listInvites(home: string, now = Date.now()): InviteState[] {
  return keptInvites(home).map((invite) => {
    const use = useOf(home, invite.id);
    const { id, peer, created, expires } = invite;
    const state = use ? 'used' : isOver(invite, now) ? 'expired' : 'open';
    return { id, peer, created, expires, state, ...(use?.joiner ? { joiner: use.joiner } : {}) };
  });
}

/**
 * Takes invites back: whoever has one gets in no more with it.
 * @param home the folder, from `homeFolder`
 * @param nameOrId the name that it was made for, or its id
 * @returns how many were taken back
 * @throws InviteError INVITE_UNKNOWN where there is no open one
 */
export function withdrawInvite(home: string, nameOrId: string): number {
  const found = keptInvites(home).filter(
    ({ id, peer }) => (id === nameOrId || peer.name === nameOrId) && !useOf(home, id),
  );
  if (found.length === 0)
    throw new InviteError('INVITE_UNKNOWN', `there is no open invite for ${JSON.stringify(nameOrId)}`);
  for (const { id } of found) forget(home, id);
  return found.length;
}

/**
 * Whether an invite's time is over, by the clock of whoever issued it. So it is, too, while that clock is more than an
 * hour before the time when the invite was made: it was set back, and says nothing.
 */
export const isOver = ({ created, expires }: IssuedInvite, now: number): boolean =>
  now >= expires.getTime() || now < created.getTime() - 3_600_000;
