/** All of `tacit doctor`: this side first, then all peers side by side. */
import { ArgumentError } from '@tacit/errors';
import { openPeers, type Peer } from '@tacit/identity';
import type { DaemonConfig } from '../config/schema.js';
import { diagnosePeer, type PeerFindings, type Ways } from './diagnose-peer.js';
import { type Finding, skipped } from './finding.js';
import { checkHome } from './local/home.js';
import { checkIdentity } from './local/identity.js';
import { checkRelay } from './local/own-relay.js';
import { checkPeers } from './local/peers.js';
import { checkProcess } from './local/process.js';
import { checkPrograms } from './local/programs.js';
import { checkRuntime } from './local/runtime.js';
import { checkSettings } from './local/settings.js';
import type { TlsKey } from './network/outer-tls.js';
import type { PeerToCheck } from './peer-to-check.js';
import type { Report } from './render.js';
import { type Placed, sharedAddresses } from './shared-address.js';
import { networkWays } from './ways.js';

/** What `runDoctor` checks, and how patiently. */
export interface DoctorOptions {
  /** The home folder. */
  readonly home: string;
  /** The release of this side. */
  readonly version: string;
  /** Names of the peers to check. Default all. */
  readonly only?: readonly string[] | undefined;
  /** How long one probe may take, in ms. Default 10 s. */
  readonly limitMs?: number | undefined;
  /** How long to be silent for the check of idle time-outs, in ms. Default: not checked. */
  readonly idleMs?: number | undefined;
  /** Cancels everything. */
  readonly signal?: AbortSignal | undefined;
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The network; for tests. */
  readonly ways?: ((identity: TlsKey, config: DaemonConfig | undefined) => Ways) | undefined;
}

const LIMIT_MS = 10_000;

/**
 * Checks a set-up from end to end.
 * @param options what to check
 * @returns what was found: this side's part first, then peer by peer
 * @throws ArgumentError for a name in `only` that is no peer; the reason of `signal`
 * @example
 * const { ok, findings } = await runDoctor({ home: homeFolder(), version: '0.1.0' });
 */
export async function runDoctor(options: DoctorOptions): Promise<Report> {
  const { home, version, limitMs = LIMIT_MS, signal = new AbortController().signal } = options;
  const findings: Finding[] = [
    { check: 'runtime', ...checkRuntime(version) },
    { check: 'home', ...(await checkHome(home)) },
  ];
  const { found, identity } = checkIdentity(home);
  findings.push({ check: 'identity', ...found });
  const settings = await checkSettings(home, options.env ?? process.env);
  const { config } = settings;
  findings.push(...settings.findings);
  const listens = config?.listen !== undefined || config?.relay !== undefined;
  // What is not known is not held against anybody.
  const known = checkPeers(home, { fingerprint: identity?.fingerprint, listens: listens || !config });
  findings.push(...known.findings);
  const peers = chosen(known.peers, options.only);
  const ways = identity && (options.ways ?? networkWays)(identity, config);
  // All that waits for somebody else, at the same time.
  const [programs, own, atRelay, checked] = await Promise.all([
    config ? checkPrograms(config, rulesIn(home)) : [],
    config ? checkProcess(config, limitMs, signal) : [],
    ways && config?.relay !== undefined
      ? checkRelay({ relay: config.relay, fingerprint: identity.fingerprint, ways, limitMs, signal })
      : undefined,
    ways
      ? checkAll(peers, ways, { ...options, limitMs, signal, identity })
      : peers.map((peer) => unchecked(peer)),
  ]);
  findings.push(...programs, ...own, ...(atRelay ? [{ check: 'relay', ...atRelay }] : []));
  if (peers.length > 0) findings.push(...shared(peers, checked));
  findings.push(...checked.flatMap((peer) => peer.findings));
  signal.throwIfAborted();
  return {
    ok: findings.every(({ verdict }) => verdict !== 'problem'),
    version,
    node: process.version,
    findings,
  };
}

function chosen(peers: readonly PeerToCheck[], only: readonly string[] | undefined): readonly PeerToCheck[] {
  if (only === undefined || only.length === 0) return peers;
  return only.map((name) => {
    const peer = peers.find((known) => known.name === name);
    if (!peer)
      throw new ArgumentError(
        `there is no peer '${name}'; there are ${peers.map((known) => known.name).join(', ') || 'none'}`,
      );
    return peer;
  });
}

function rulesIn(home: string): readonly Peer[] {
  try {
    return openPeers(home).list();
  } catch {
    // Said already, by the check of peers.
    return [];
  }
}

function checkAll(
  peers: readonly PeerToCheck[],
  ways: Ways,
  options: DoctorOptions & {
    readonly limitMs: number;
    readonly signal: AbortSignal;
    readonly identity: TlsKey;
  },
): Promise<PeerFindings[]> {
  const { identity, version, limitMs, idleMs, signal } = options;
  return Promise.all(
    peers.map((peer) => diagnosePeer(peer, { identity, version, ways, limitMs, idleMs, signal })),
  );
}

const unchecked = ({ name }: PeerToCheck): PeerFindings => ({
  findings: [
    { check: 'control', peer: name, ...skipped('not dialed, for want of an identity of this side') },
  ],
  addresses: [],
});

function shared(peers: readonly PeerToCheck[], checked: readonly PeerFindings[]): Finding[] {
  const placed = peers.map(
    ({ name, role }, i): Placed => ({ name, role, addresses: checked[i]?.addresses ?? [] }),
  );
  return sharedAddresses(placed);
}
