/** Who the members of a proposal are to this organisation, and what it may be in the session. */
import { checkOptions } from '@tacit/launch/session';
import type { ProtocolConfig } from '@tacit/mpc';
import type { Caller } from '../control/member.js';
import type { Proposal } from '../control/messages.js';
import { Refusal } from '../control/refusal.js';
import type { Organisation } from './organisation.js';

/** A session, as one of its members understands it. */
export interface Membership {
  readonly rank: number;
  readonly parties: number;
  /** Whether the last member is a dealer; otherwise the parties have tapes. */
  readonly dealer: boolean;
  readonly role: 'party' | 'dealer';
  /** What the members are called here, by rank. */
  readonly names: readonly string[];
  /** By rank; empty for a guest. */
  readonly fingerprints: readonly string[];
  /** The key of the party of rank 0, where that is a guest of the leader. */
  readonly guest?: Uint8Array | undefined;
  /** Where members are known to be, by rank, whatever the leader says. */
  readonly addresses: readonly (string | undefined)[];
  readonly config: ProtocolConfig;
}

/**
 * Checks what a proposal says about its members. All of them must be peers, in the roles that the owner gave them: a
 * leader cannot bring a dealer along that only itself trusts.
 * @param proposal as it came
 * @param from its leader
 * @param organisation of this process
 * @param role of this process
 * @returns who is who
 * @throws Refusal BAD_PROPOSAL, UNKNOWN_MEMBER
 */
export function membershipIn(
  proposal: Proposal,
  from: Caller,
  { identity, peers, name }: Organisation,
  role: 'party' | 'dealer',
): Membership {
  const { members, guest } = proposal;
  // A guest is the first party, and the leader, which vouches for it, the second.
  const before = guest === undefined ? 0 : 1;
  const bad = (reason: string): never => {
    throw new Refusal('BAD_PROPOSAL', reason);
  };
  const fingerprints = members.map(({ fingerprint }) => fingerprint);
  const place = fingerprints.indexOf(identity.fingerprint);
  const dealers = members.filter((member) => member.role === 'dealer').length;
  const parties = members.length - dealers + before;
  if (place < 0) return bad('this organisation is not among the members');
  if (new Set(fingerprints).size < members.length) return bad('an organisation is a member twice');
  if (fingerprints[0] !== from.fingerprint) return bad('the first member is not the one that proposes');
  if (parties < 2) return bad('a session has two parties at least');
  if (members.some((member, i) => (member.role === 'dealer') !== (i + before === parties)))
    return bad('the last member, and no other, may be the dealer');
  if (members[place]?.role !== role)
    return bad(role === 'dealer' ? 'this process only deals' : 'this process does not deal');
  const known = members.map((member, i) => {
    if (i === place) return { name, address: undefined };
    const peer = peers.byFingerprint(member.fingerprint);
    if (peer === undefined || (peer.role ?? 'party') !== member.role)
      throw new Refusal(
        'UNKNOWN_MEMBER',
        `the member of rank ${i + before} is no ${member.role} that this organisation knows`,
      );
    return { name: peer.name, address: peer.address };
  });
  const leader = known[0]?.name ?? from.name;
  const others = guest === undefined ? [] : [{ name: `the client of ${leader}`, address: undefined }];
  return {
    rank: place + before,
    parties,
    dealer: dealers > 0,
    role,
    names: [...others, ...known].map((member) => member.name),
    fingerprints: [...others.map(() => ''), ...fingerprints],
    addresses: [...others, ...known].map((member) => member.address),
    ...(guest && { guest: Uint8Array.from(Buffer.from(guest.key, 'hex')) }),
    config: configOf(proposal, parties, bad),
  };
}

function configOf({ config }: Proposal, worldSize: number, bad: (reason: string) => never): ProtocolConfig {
  try {
    // Values are checked when the members agree on them.
    return checkOptions({ worldSize, config: config as Partial<ProtocolConfig> }).config;
  } catch {
    return bad('its config has settings that are not known here');
  }
}
