/** Where a peer is said to be, taken apart. */
export interface Target {
  readonly address: string;
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether the address says `wss:`. */
  readonly secure: boolean;
  /** Through a relay: whom the relay is asked for, by fingerprint. */
  readonly relayTo: string | undefined;
}

/**
 * Reads an address.
 * @param address `wss://host[:port]`, `ws://host[:port]`, or `wss://relay.host[:port]/to/FINGERPRINT`
 * @returns its parts, or a sentence about what is wrong with it
 */
export function targetOf(address: string): Target | string {
  if (!URL.canParse(address)) return `${JSON.stringify(address)} is no address of the form wss://host:port`;
  const url = new URL(address);
  if (url.protocol !== 'wss:' && url.protocol !== 'ws:')
    return `${address} begins with ${url.protocol}// and should begin with wss://`;
  if (url.hostname === '') return `${address} names no host`;
  if (url.username !== '' || url.password !== '') return 'an address takes no user name and no password';
  if (url.search !== '' || url.hash !== '')
    return `${address} ends in ${url.search}${url.hash}, which says nothing`;
  const secure = url.protocol === 'wss:';
  const relayTo = /\/to\/([0-9a-f]{64})$/.exec(url.pathname)?.[1];
  if (relayTo === undefined && /\/to(\/|$)/.test(url.pathname))
    return `${address} goes through a relay to something that is no fingerprint: 64 digits of lower-case hex`;
  return {
    address,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
    relayTo,
  };
}

/**
 * Where a connection goes, for people.
 * @param target taken apart
 * @returns `host:port`, with brackets around IPv6
 */
export const placeOf = ({ host, port }: Pick<Target, 'host' | 'port'>): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
