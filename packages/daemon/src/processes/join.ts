/** `tacit join`: the joiner's half of an invite. */
import {
  deviceIdOf,
  type Identity,
  inviteProof,
  type Peer,
  type PeerRole,
  parseInvite,
} from '@tacit/identity';
import { gather } from '../control/leader.js';
import { DaemonUsageError, SessionRefusedError } from '../session-errors.js';
import { callPeer } from './dialing.js';
import type { Organisation } from './organisation.js';

/** What both ends derive the proof from. */
export const INVITE_EXPORTER = 'EXPORTER-tacit-invite';
const ANSWER_MS = 30_000;

export interface JoinOptions {
  readonly organisation: Organisation;
  /** `tacit:1:…` */
  readonly invite: string;
  /** What this organisation will call the other one; by default what that calls itself. */
  readonly as?: string | undefined;
  /** What the other one may be in sessions with this one. */
  readonly role?: PeerRole | undefined;
  /** Where the other one can dial this one. */
  readonly address: string | undefined;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/**
 * Uses an invite: proves to whoever issued it, over TLS with its pinned certificate, that this organisation has it, and
 * adds it to the peers.
 * @param options the invite, and what the other one is here
 * @returns the new peer
 * @throws InviteError where the text is no invite, MemberAbsentError, SessionRefusedError, PeerError, DaemonUsageError
 */
export async function joinPeer(options: JoinOptions): Promise<Peer> {
  const { organisation, role, address, waitMs, signal, say } = options;
  const { identity, peers, name: own, audit } = organisation;
  const invite = parseInvite(options.invite);
  const name = options.as ?? invite.name;
  const id = deviceIdOf(invite.fingerprint);
  if (invite.fingerprint === identity.fingerprint)
    throw new DaemonUsageError('this invite is of this organisation itself; send it to the other one');
  const there = peers.get(name);
  const owner = peers.byFingerprint(invite.fingerprint);
  if (there !== undefined && owner?.name !== name)
    throw new DaemonUsageError(`there is another peer '${name}' already; give this one another name by --as`);
  if (owner !== undefined && owner.name !== name)
    throw new DaemonUsageError(`whoever invites is the peer '${owner.name}' already; say --as ${owner.name}`);

  let exportKey: ((label: string, length: number) => Uint8Array) | undefined;
  const call = async (during: AbortSignal) => {
    const channel = await callPeer(identity, invite.address, [invite.fingerprint], during);
    exportKey = channel.binding.exportKey;
    return channel;
  };
  const [attendee] = await gather({ invitees: [{ name, call }], waitMs, signal, say });
  if (attendee === undefined || exportKey === undefined) throw new Error('nobody was called');
  const { connection } = attendee;
  try {
    const proof = inviteProof(
      invite.secret,
      exportKey(INVITE_EXPORTER, 32),
      invite.fingerprint,
      identity.fingerprint,
    );
    const hex = Buffer.from(proof).toString('hex');
    connection.send({ type: 'redeem', proof: hex, name: own, address: address ?? null });
    const answer = await connection.next(['paired', 'refuse'], { timeoutMs: ANSWER_MS, signal });
    if (answer.type === 'refuse') throw new SessionRefusedError(name, answer.code, answer.reason);
  } finally {
    connection.close();
  }
  const peer = { name, ids: [id], address: invite.address, ...(role && { role }) };
  const added = there ? peers.update(name, (old) => ({ ...old, ...peer, ids: old.ids })) : peers.add(peer);
  await audit.append({
    event: there ? 'peer-changed' : 'peer-added',
    peer: name,
    fingerprint: invite.fingerprint,
  });
  return added;
}

/** Who this organisation is, for the operator to compare. */
export const describeIdentity = ({ name, deviceId }: Identity): string => `${name}  ${deviceId}`;
