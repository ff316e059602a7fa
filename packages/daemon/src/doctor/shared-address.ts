/**
 * Two roles behind one address. Messages are encrypted from member to member, so a proxy there sees sizes and times only;
 * but whoever runs the machine that two members are on may look into both, and two of {party, party, dealer} are enough to
 * learn every input. An address in common is a sign of that, no proof.
 */
import { networkInterfaces } from 'node:os';
import { type Finding, ok, warning } from './finding.js';

export interface Placed {
  readonly name: string;
  readonly role: 'party' | 'dealer';
  /** IP addresses of where it is reached directly; a relay's do not count, as a relay holds no key of anybody. */
  readonly addresses: readonly string[];
}

/**
 * Compares addresses of all members, this side's own included.
 * @param members each peer with the addresses that its name has
 * @param own addresses of this machine
 * @returns a warning for each two that share one, or one line that says that none do
 */
export function sharedAddresses(
  members: readonly Placed[],
  own: readonly string[] = ownAddresses(),
): Finding[] {
  const check = 'shared-address';
  const placed = members.filter(({ addresses }) => addresses.length > 0);
  const findings: Finding[] = [];
  for (const [index, member] of placed.entries()) {
    const here = common(member.addresses, own);
    if (here !== undefined)
      findings.push({
        check,
        ...warning(
          `${titleOf(member)} is on this machine (${here})`,
          'for trying out only: whoever runs this machine can look into both members and learn every input',
        ),
      });
    for (const other of placed.slice(index + 1)) {
      const shared = common(member.addresses, other.addresses);
      if (shared !== undefined && here === undefined)
        findings.push({
          check,
          ...warning(
            `${titleOf(member)} and ${titleOf(other)} are behind one address (${shared})`,
            'if one organisation or one administrator runs both, it can learn every input: place them apart. One proxy or CDN before both cannot read what they say, and sees sizes and times of both',
          ),
        });
    }
  }
  if (findings.length > 0) return findings;
  const text =
    placed.length < 2
      ? 'no two peers with an address of their own'
      : `${placed.length} peers, each with an address of its own`;
  return [{ check, ...ok(text) }];
}

const common = (some: readonly string[], others: readonly string[]): string | undefined =>
  some.find((address) => others.includes(address));

const titleOf = ({ name, role }: Placed): string => (role === 'dealer' ? `${name} (dealer)` : name);

/** The addresses of this machine, those that only it has for itself included. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
