/** The issuer's half of using an invite. */
import { timingSafeEqual } from 'node:crypto';
import { ArgumentError } from '@tacit/errors';
import { addressProblem } from '../address.js';
import { deviceIdOf } from '../device-id/device-id.js';
import { InviteError, PeerError } from '../errors.js';
import { readIdentity } from '../identity/read.js';
import type { Peer } from '../peers/peer.js';
import { openPeers, type PeersFile } from '../peers/peers-file.js';
import { isOver } from './issue.js';
import { inviteProof } from './proof.js';
import { burn, type IssuedInvite, keptInvites, markDone, useOf } from './store.js';

/** What somebody who joins sends, and what is known of the channel. */
export interface InviteUseRequest {
  /** From `inviteProof`. */
  readonly proof: Uint8Array;
  /** 32 bytes that the channel's TLS exports. */
  readonly exported: Uint8Array;
  /** Fingerprint of whoever joins, which TLS proved. */
  readonly joiner: string;
  /** Where whoever joins can be reached, if it says so. */
  readonly address?: string;
  /** Fingerprint of this organisation on that channel; that of its identity if it is left out. */
  readonly inviter?: string;
  /** The time, in milliseconds; for tests. */
  readonly now?: number;
}

/**
 * Lets somebody in who has an invite: uses the invite up, then adds the peer. The invite is burnt by a file that only one
 * process can make, and that is on the disk before the peer is added. If the connection or this process dies then, the
 * same certificate may ask again, on a new channel, and nobody else.
 * @param home the folder, from `homeFolder`
 * @param request the proof, and on which channel
 * @returns the new peer, as peers.yaml has it
 * @throws InviteError INVITE_UNKNOWN where no invite fits the proof, INVITE_EXPIRED, INVITE_USED; PeerError PEER_EXISTS
 *   where name or device id are those of another peer: the invite can be used still; ArgumentError; FileError
 * @example
 * const peer = consumeInvite(home, { proof, exported: binding.exportKey(label, 32), joiner: binding.peerFingerprint });
 */
export function consumeInvite(home: string, request: InviteUseRequest): Peer {
  const { proof, exported, joiner, address, now = Date.now() } = request;
  const inviter = request.inviter ?? readIdentity(home).fingerprint;
  const problem = address === undefined ? undefined : addressProblem(address);
  if (problem) throw new ArgumentError(`the address of whoever joins ${problem}`);
  const invite = fitting(keptInvites(home), proof, (secret) =>
    inviteProof(secret, exported, inviter, joiner),
  );
  if (!invite)
    throw new InviteError(
      'INVITE_UNKNOWN',
      'no invite fits: it was withdrawn, has long expired, or is not of here',
    );
  const { id, peer: given } = invite;
  const use = useOf(home, id);
  if (use && (use.joiner !== joiner || use.done)) {
    const known = openPeers(home).byFingerprint(joiner);
    if (use.joiner === joiner && known?.name === given.name) return known;
    throw new InviteError(
      'INVITE_USED',
      `the invite for '${given.name}' was used already${use.joiner && use.joiner !== joiner ? ', by somebody else' : ''}`,
    );
  }
  if (isOver(invite, now))
    throw new InviteError(
      'INVITE_EXPIRED',
      `the invite for '${given.name}' expired on ${invite.expires.toISOString()}`,
    );
  const peers = openPeers(home);
  const peer = { ...given, ids: [deviceIdOf(joiner)], ...(address === undefined ? {} : { address }) };
  try {
    requireFits(peers, invite, joiner);
  } catch (error) {
    // Somebody else may have used it between the two looks, and is the peer that is in the way.
    const winner = useOf(home, id)?.joiner;
    if (use || winner === undefined || winner === joiner) throw error;
    throw new InviteError('INVITE_USED', `the invite for '${given.name}' was used already, by somebody else`);
  }
  if (!use && !burn(home, id, joiner, new Date(now)) && useOf(home, id)?.joiner !== joiner)
    throw new InviteError('INVITE_USED', `the invite for '${given.name}' was used already, by somebody else`);
  const added = putPeer(peers, peer, invite.replace, joiner);
  markDone(home, id);
  return added;
}

/** Compares with every invite, in a time that does not depend on which fits, or how nearly. */
function fitting(
  invites: readonly IssuedInvite[],
  proof: Uint8Array,
  proofOf: (secret: Uint8Array) => Uint8Array,
): IssuedInvite | undefined {
  if (proof.length !== 32) return undefined;
  let found: IssuedInvite | undefined;
  for (const invite of invites) if (timingSafeEqual(proofOf(invite.secret), proof)) found = invite;
  return found;
}

/** Before the invite is burnt, so that what the operator can repair costs no invite. */
function requireFits(peers: PeersFile, { peer: { name }, replace }: IssuedInvite, joiner: string): void {
  const owner = peers.byFingerprint(joiner);
  if (owner && owner.name !== name)
    throw new PeerError(
      'PEER_EXISTS',
      `whoever uses the invite for '${name}' is the peer '${owner.name}' already`,
    );
  if (peers.get(name) && !owner && !replace)
    throw new PeerError(
      'PEER_EXISTS',
      `there is another peer '${name}' by now; remove it, and the invite works`,
    );
}

function putPeer(peers: PeersFile, peer: Peer, replace: boolean, joiner: string): Peer {
  const there = peers.get(peer.name);
  // The same certificate once more, after this process died in between.
  if (there && peers.byFingerprint(joiner) === there && !replace) return there;
  try {
    return there ? peers.update(peer.name, (old) => ({ ...old, ...peer })) : peers.add(peer);
  } catch (error) {
    // Another process, which the same certificate asked at the same time, was faster.
    const known = error instanceof PeerError ? peers.byFingerprint(joiner) : undefined;
    if (known?.name === peer.name) return known;
    throw error;
  }
}
