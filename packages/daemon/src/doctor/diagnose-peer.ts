/** All checks of one peer, from its name to the idle time-out; what cannot work after a problem is left out. */
import type { Channel } from '@tacit/comm/layers';
import { type Answered, Asker } from './asker.js';
import { beginDiagnosis } from './begin-diagnosis.js';
import { type Finding, type Found, ok, problem } from './finding.js';
import { buffering } from './measure/buffering.js';
import { framesAndBandwidth } from './measure/frames.js';
import { idle } from './measure/idle.js';
import { clockDifference, roundTrips } from './measure/round-trips.js';
import { outerTls, type Shown, type TlsKey } from './network/outer-tls.js';
import { reach } from './network/reach.js';
import { type Lookup, resolveName } from './network/resolve.js';
import type { PeerToCheck } from './peer-to-check.js';
import { type Target, targetOf } from './target.js';
import { compareVersions } from './versions.js';
import { notThere, unanswered, wayOf } from './way-findings.js';
import { within } from './within.js';

/** The network, as doctor uses it. */
export interface Ways {
  readonly lookup: Lookup;
  /** The URL of the HTTP proxy by which an address is reached, undefined for none. */
  readonly proxyFor: (address: string) => string | undefined;
  /**
   * Opens a channel to a peer: mutual TLS with pinned certificates, and nothing said on it.
   * @throws anything whose text says why not
   */
  readonly dial: (peer: PeerToCheck, address: string, signal: AbortSignal) => Promise<Channel>;
}

export interface PeerDiagnosis {
  readonly identity: TlsKey;
  readonly version: string;
  readonly ways: Ways;
  /** How long one probe may take. */
  readonly limitMs: number;
  /** How long to be silent for the check of idle time-outs; undefined for none. */
  readonly idleMs: number | undefined;
  readonly signal: AbortSignal;
}

export interface PeerFindings {
  readonly findings: readonly Finding[];
  /** IP addresses that the peer itself is reached at; none behind a relay. */
  readonly addresses: readonly string[];
}

/**
 * Checks a peer.
 * @param peer from peers.yaml
 * @param options who asks, how, and how patiently
 * @returns what was found, in the order of the way to the peer
 * @throws the reason of the signal only
 */
export async function diagnosePeer(peer: PeerToCheck, options: PeerDiagnosis): Promise<PeerFindings> {
  const findings: Finding[] = [];
  const note = (check: string, found: Found): boolean => {
    findings.push({ check, peer: peer.name, ...found });
    return found.verdict !== 'problem';
  };
  const { limitMs, signal, ways } = options;
  if (peer.address === undefined) {
    note('address', ok('no address: it dials us, or is reached when it listens at a relay'));
    return { findings, addresses: [] };
  }
  const target = targetOf(peer.address);
  if (typeof target === 'string') {
    note('address', problem(target, `correct the address of ${peer.name} in peers.yaml`));
    return { findings, addresses: [] };
  }
  let proxy: string | undefined;
  try {
    proxy = ways.proxyFor(target.address);
  } catch (error) {
    note(
      'proxy',
      problem(error instanceof Error ? error.message : String(error), 'correct HTTPS_PROXY or HTTP_PROXY'),
    );
    return { findings, addresses: [] };
  }
  let addresses: readonly string[] = [];
  // Behind a proxy it is the proxy that looks names up.
  if (proxy === undefined) {
    const resolved = await resolveName(target, ways.lookup, limitMs, signal);
    if (!note('name', resolved.found)) return { findings, addresses };
    addresses = target.relayTo === undefined ? resolved.addresses : [];
  }
  const { found, socket } = await reach(target, proxy, limitMs, signal);
  if (!note('tcp', found) || socket === undefined) return { findings, addresses };
  let shown: Shown | undefined;
  if (target.secure) {
    const seen = await outerTls(socket, target, options.identity, limitMs, signal);
    if ('verdict' in seen) {
      note('tls', seen);
      return { findings, addresses };
    }
    shown = seen;
  } else socket.destroy();
  await control(peer, target, shown, options, note);
  return { findings, addresses };
}

type Note = (check: string, found: Found) => boolean;

async function control(
  peer: PeerToCheck,
  target: Target,
  shown: Shown | undefined,
  options: PeerDiagnosis,
  note: Note,
): Promise<void> {
  const { limitMs, signal, ways, idleMs } = options;
  const dial = (): Promise<Channel> =>
    within(limitMs, signal, (limited) => ways.dial(peer, target.address, limited));
  let channel: Channel;
  try {
    channel = await dial();
  } catch (error) {
    signal.throwIfAborted();
    note('tls', notThere(peer, target, shown, error));
    return;
  }
  note('tls', wayOf(peer, target, shown));
  let asker: Asker | undefined;
  const silence = new AbortController();
  try {
    asker = await asked(channel, options);
    // On a channel of its own, while the other one measures.
    const quiet =
      idleMs === undefined
        ? undefined
        : silent(dial, idleMs, { ...options, signal: AbortSignal.any([signal, silence.signal]) });
    quiet?.catch(() => {});
    const first = await within(limitMs, signal, () => (asker as Asker).ping());
    note('control', ok('it knows this side, and answers'));
    note('version', compareVersions(options.version, first.pong));
    await measure(asker, first, options, note);
    if (quiet !== undefined) note('idle', await quiet);
  } catch (error) {
    signal.throwIfAborted();
    note('control', unanswered(peer, error));
  } finally {
    silence.abort(new Error('over'));
    if (asker === undefined) channel.destroy();
    else asker.close();
  }
}

async function asked(channel: Channel, { limitMs, signal }: PeerDiagnosis): Promise<Asker> {
  await within(limitMs, signal, () => beginDiagnosis(channel));
  return new Asker(channel);
}

async function silent(dial: () => Promise<Channel>, idleMs: number, options: PeerDiagnosis): Promise<Found> {
  const channel = await dial();
  let asker: Asker | undefined;
  try {
    asker = await asked(channel, options);
    return await idle(asker, idleMs, options.limitMs, options.signal);
  } finally {
    if (asker === undefined) channel.destroy();
    else asker.close();
  }
}

/** One after the other, since each would disturb the next. */
async function measure(
  asker: Asker,
  first: Answered,
  { limitMs, signal }: PeerDiagnosis,
  note: Note,
): Promise<void> {
  const trips = await within(limitMs, signal, () => roundTrips(asker, first));
  note('clock', clockDifference(trips.answers));
  note('round-trip', trips.found);
  note('buffering', await within(limitMs, signal, (limited) => buffering(asker, limited)));
  const { frames, bandwidth } = await framesAndBandwidth(asker, trips.medianMs, limitMs, signal);
  note('bandwidth', bandwidth);
  note('frames', frames);
}
