/** `tacit relay`: joins the connections of members that only dial out. It needs no identity and no peers. */
import { readFileSync } from 'node:fs';
import { type Relay, type RelayEvent, startRelay } from '@tacit/comm/relay';
import { fingerprintOfDeviceId } from '@tacit/identity';
import type { DaemonConfig } from '../config/schema.js';
import { Lifecycle } from '../operate/lifecycle.js';
import type { Log } from '../operate/log.js';
import { DaemonMetrics } from '../operate/metrics.js';
import { type OperateServer, startOperate } from '../operate/server.js';
import { DaemonUsageError } from '../session-errors.js';

/** A relay that runs. */
export interface RelayProcess {
  readonly relay: Relay;
  readonly lifecycle: Lifecycle;
  close(): Promise<void>;
}

/**
 * Starts a relay by its settings.
 * @param config with `relayServer`
 * @param log hears who comes and goes, by fingerprints
 * @returns the relay, which listens
 * @throws DaemonUsageError where there are no settings; the error of the operating system if it cannot listen
 */
export async function startRelayProcess(config: DaemonConfig, log: Log): Promise<RelayProcess> {
  const { relayServer } = config;
  if (relayServer === undefined)
    throw new DaemonUsageError(
      "a relay needs 'relayServer' in config.yaml; 'tacit config schema' describes it",
    );
  const { listen, tls, names, allow, limits } = relayServer;
  if (tls === undefined && !listen.plain)
    throw new DaemonUsageError(
      'the relay has no certificate: set relayServer.tls, or relayServer.listen.plain where a proxy in front of it ends TLS',
    );
  const relay = await startRelay({
    host: listen.host,
    port: listen.port,
    ...(names.length > 0 && { names }),
    ...(tls && { tls: { key: readFileSync(tls.key), cert: readFileSync(tls.certificate) } }),
    ...(allow !== 'anyone' && { allow: allow.map(fingerprintOf) }),
    limits: {
      listeners: limits.listeners,
      pairs: limits.pairs,
      pairsPerIdentity: limits.pairsPerIdentity,
      waitingPerIdentity: limits.waitingPerIdentity,
      ...(limits.bytesPerSecond !== undefined && { bytesPerSecond: limits.bytesPerSecond }),
      ...(limits.bytesPerDay !== undefined && { bytesPerDay: limits.bytesPerDay }),
      acceptTimeoutMs: limits.accept,
      ...(limits.idle !== undefined && { idleMs: limits.idle }),
      maxMessageBytes: limits.frame,
      windowBytes: limits.window,
    },
    onEvent: (event) => noteEvent(log, event),
  });
  const lifecycle = new Lifecycle({ drainMs: config.drain });
  lifecycle.ready();
  const ready = (): boolean => lifecycle.state === 'ready';
  const metrics = new DaemonMetrics({ relay: () => relay.stats, ready });
  let operate: OperateServer | undefined;
  if (config.operate !== undefined) operate = await startOperate({ ...config.operate, ready, metrics });
  return {
    relay,
    lifecycle,
    close: async () => {
      await relay.drain(config.drain);
      await operate?.close();
    },
  };
}

const fingerprintOf = (text: string): string =>
  /^[0-9a-f]{64}$/.test(text) ? text : fingerprintOfDeviceId(text);

function noteEvent(log: Log, event: RelayEvent): void {
  if (event.type === 'refused')
    log.warn(
      { op: event.type, fingerprint: event.fingerprint, code: event.reason },
      'a connection was refused',
    );
  else if (event.type === 'paired' || event.type === 'parted')
    log.debug({ op: event.type, fingerprint: event.to }, `two members are ${event.type}`);
  else
    log.info(
      { op: event.type, fingerprint: event.fingerprint },
      `a member is ${event.type === 'left' ? 'gone' : 'there'}`,
    );
}
