/** The relay at which this side is reached: there, and this side is registered. */
import { HandshakeError } from '@tacit/comm';
import { RelayError, relayedAddress } from '@tacit/comm/relay';
import type { Ways } from '../diagnose-peer.js';
import { type Found, ok, problem, skipped, warning } from '../finding.js';
import { reach } from '../network/reach.js';
import { resolveName } from '../network/resolve.js';
import { targetOf } from '../target.js';
import { within } from '../within.js';

/** What `checkRelay` needs to know. */
export interface RelayCheck {
  /** Of the settings. */
  readonly relay: string;
  /** Of this side. */
  readonly fingerprint: string;
  readonly ways: Ways;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Goes to the relay as a visitor of this side would.
 * @param options which relay, and who this side is
 * @returns what is so
 */
export async function checkRelay(options: RelayCheck): Promise<Found> {
  const { relay, fingerprint, ways, limitMs, signal } = options;
  const address = relayedAddress(relay, fingerprint);
  const target = targetOf(address);
  if (typeof target === 'string')
    return problem(target, "correct 'relay' in config.yaml: wss://relay.example");
  let proxy: string | undefined;
  try {
    proxy = ways.proxyFor(address);
  } catch (error) {
    return problem(
      error instanceof Error ? error.message : String(error),
      'correct HTTPS_PROXY or HTTP_PROXY',
    );
  }
  if (proxy === undefined) {
    const { found } = await resolveName(target, ways.lookup, limitMs, signal);
    if (found.verdict === 'problem') return found;
  }
  const { found, socket } = await reach(target, proxy, limitMs, signal);
  socket?.destroy();
  if (found.verdict === 'problem') return found;
  try {
    const channel = await within(limitMs, signal, (limited) =>
      ways.dial({ name: 'this side', role: 'party', address, fingerprints: [fingerprint] }, address, limited),
    );
    channel.close(1000, 'goodbye');
    setTimeout(() => channel.destroy(), 500).unref();
    return ok(`this side is registered at the relay ${relay}, and is reached through it`, {
      registered: true,
    });
  } catch (error) {
    signal.throwIfAborted();
    return notRegistered(relay, error);
  }
}

function notRegistered(relay: string, error: unknown): Found {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof RelayError && error.reason === 'absent')
    return skipped(
      `the relay ${relay} is reached and serves this side, which is not registered: no daemon runs with this identity now`,
    );
  if (error instanceof RelayError && error.reason === 'declined')
    return ok(`this side is registered at the relay ${relay}`, { registered: true });
  if (error instanceof RelayError)
    return warning(
      `the relay ${relay}: ${text}`,
      'run doctor again; if it stays so, ask the operator of the relay',
    );
  const reason = error instanceof HandshakeError ? error.reason : '';
  if (reason === 'declined') return ok(`this side is registered at the relay ${relay}`, { registered: true });
  if (reason === 'not allowed')
    return problem(
      `the relay ${relay} does not serve this side`,
      "have its operator add the device id of this side to relayServer.allow ('tacit identity' prints it)",
    );
  return problem(
    `the relay ${relay} is reached and does not serve: ${text}`,
    'see that the address is that of a relay, with a certificate that this machine trusts for this name',
  );
}
