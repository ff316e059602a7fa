/** Where an organisation is reached. */
import type { DaemonConfig } from '../config/schema.js';

const ANY_HOST = ['0.0.0.0', '::', '[::]'];

/**
 * Where the peers of a daemon dial it: where its owner says, or else at the relay, or else where it listens.
 * @param config of the organisation
 * @param hub that listens
 * @param door at the relay, if there is one
 * @returns the address; null where it listens on all interfaces and nobody said which name they have
 */
export function advertised(
  config: DaemonConfig,
  hub: { readonly address: string },
  door: { readonly address: string } | undefined,
): string | null {
  if (config.address !== undefined) return config.address;
  if (door !== undefined) return door.address;
  return config.listen === undefined || ANY_HOST.includes(config.listen.host) ? null : hub.address;
}

/**
 * The same without a process: for invites.
 * @param config of the organisation
 * @returns an address, or the relay; undefined where it depends on a running process
 */
export function reachable({
  address,
  relay,
  listen,
}: Pick<DaemonConfig, 'address' | 'relay' | 'listen'>): { address: string } | { relay: string } | undefined {
  if (address !== undefined) return { address };
  if (relay !== undefined) return { relay };
  if (listen === undefined || listen.port === 0 || ANY_HOST.includes(listen.host)) return undefined;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return { address: `${listen.plain ? 'ws' : 'wss'}://${host}:${listen.port}` };
}
