/** Whom this side knows, as far as it can be told without asking them. */
import { fingerprintOfDeviceId, openPeers, type Peer } from '@tacit/identity';
import { type Finding, ok, problem, warning } from '../finding.js';
import type { PeerToCheck } from '../peer-to-check.js';

/** How others can reach this side. */
export interface Reachable {
  /** Own fingerprint; undefined without an identity. */
  readonly fingerprint: string | undefined;
  /** Whether this side listens, or is reached at a relay. */
  readonly listens: boolean;
}

/**
 * Reads `peers.yaml`.
 * @param home the folder
 * @param own this side
 * @returns the peers to check, and what is so
 */
export function checkPeers(
  home: string,
  own: Reachable,
): { readonly findings: readonly Finding[]; readonly peers: readonly PeerToCheck[] } {
  let peers: readonly Peer[];
  try {
    peers = openPeers(home).list();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return {
      findings: [{ check: 'peers', ...problem(text, 'correct the file, or mend it by tacit peers') }],
      peers: [],
    };
  }
  if (peers.length === 0)
    return {
      findings: [
        {
          check: 'peers',
          ...warning(
            'no other organisation is known',
            'pair: tacit invite NAME on one side, tacit join on the other',
          ),
        },
      ],
      peers: [],
    };
  const known = peers.map((peer) => toCheck(peer));
  const findings: Finding[] = [
    ...known.flatMap((peer) => itself(peer, own)),
    ...known.flatMap((peer) => unreachable(peer, own)),
    ...twice(known),
  ];
  const dealers = known.filter(({ role }) => role === 'dealer').length;
  const text = `${known.length} known: ${known.map(({ name, role }) => (role === 'dealer' ? `${name} (dealer)` : name)).join(', ')}`;
  if (findings.length === 0) findings.push({ check: 'peers', ...ok(text, { peers: known.length, dealers }) });
  return { findings, peers: known };
}

function toCheck({ name, role = 'party', address, ids }: Peer): PeerToCheck {
  return { name, role, address, fingerprints: ids.map((id) => fingerprintOfDeviceId(id)) };
}

function itself({ name, fingerprints }: PeerToCheck, { fingerprint }: Reachable): Finding[] {
  if (fingerprint === undefined || !fingerprints.includes(fingerprint)) return [];
  return [
    {
      check: 'peers',
      peer: name,
      ...problem(
        `the device id of ${name} is that of this side`,
        `ask ${name} for its own device id, or give this side an identity of its own: a home must not be copied`,
      ),
    },
  ];
}

function unreachable({ name, address }: PeerToCheck, { listens }: Reachable): Finding[] {
  if (address !== undefined || listens) return [];
  return [
    {
      check: 'peers',
      peer: name,
      ...problem(
        `${name} has no address, and this side does not listen: neither can reach the other`,
        "set 'listen' or 'relay' in config.yaml here, or let the other side be reached and add its address",
      ),
    },
  ];
}

/** One address for two names: one of them is reached as the other. */
function twice(peers: readonly PeerToCheck[]): Finding[] {
  const names = new Map<string, string[]>();
  for (const { name, address } of peers)
    if (address !== undefined) names.set(address, [...(names.get(address) ?? []), name]);
  return [...names]
    .filter(([, sharing]) => sharing.length > 1)
    .map(([address, sharing]) => ({
      check: 'peers',
      ...problem(
        `${sharing.join(' and ')} have the same address ${address}`,
        'at most one of them answers there: correct the other in peers.yaml',
      ),
    }));
}
