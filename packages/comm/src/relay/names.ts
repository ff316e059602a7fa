/** By which names a relay is dialed: a signature for another name is one for another relay. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { CommArgumentError } from '../errors.js';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Where a relay listens, and what it was told about its names. */
export interface Naming {
  readonly names?: readonly string[];
  readonly tls?: TlsOptions;
  /** The address that it is bound to. */
  readonly host: string;
}

/**
 * What knows the relay's names: those that it was given; otherwise the address that it is bound to, those of this machine
 * if it is bound to none other, and those of its certificate.
 * @returns whether a host, with or without a port, is this relay
 * @throws CommArgumentError if it has no name that anybody could dial
 */
export function namesOf({ names, tls, host }: Naming): (dialed: string) => boolean {
  if (names !== undefined && names.length > 0) {
    const known = new Set(names.map((name) => name.toLowerCase()));
    return (dialed) => known.has(dialed) || known.has(withoutPort(dialed));
  }
  const certificate = certificateOf(tls);
  const bound = isIP(host) === 6 ? `[${host}]` : host;
  const everywhere = host === '0.0.0.0' || host === '::';
  if (everywhere && certificate === undefined)
    throw new CommArgumentError(
      'a relay that listens on all addresses of its machine has to know by which names it is dialed: give `names`',
    );
  const own = LOOPBACK.includes(bound) ? LOOPBACK : [bound];
  return (dialed) => {
    const name = withoutPort(dialed);
    if (own.includes(name)) return true;
    const address = name.replace(/^\[|\]$/g, '');
    return (isIP(address) ? certificate?.checkIP(address) : certificate?.checkHost(name)) !== undefined;
  };
}

/** The first certificate of a chain names its owner. */
function certificateOf(tls: TlsOptions | undefined): X509Certificate | undefined {
  const cert = Array.isArray(tls?.cert) ? tls.cert[0] : tls?.cert;
  return typeof cert === 'string' || Buffer.isBuffer(cert) ? new X509Certificate(cert) : undefined;
}

const withoutPort = (host: string): string => host.replace(/:\d+$/, '');
