/** HOST:PORT on the command line. */

/** A place to listen at; no host is the default one. */
export interface HostPort {
  readonly host: string | undefined;
  /** As it was written: whether it is one is for whoever knows the settings. */
  readonly port: string;
}

/**
 * Reads HOST:PORT.
 * @param text as on the command line; IPv6 addresses are in brackets, and `:PORT` has no host
 * @returns its parts; undefined where it is nothing of that kind
 * @example hostPort('[::1]:7700'); // { host: '::1', port: '7700' }
 */
export function hostPort(text: string): HostPort | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^[\]:]*)):(\d+)$/.exec(text) ?? [];
  return port === undefined ? undefined : { host: (bracketed ?? plain) || undefined, port };
}
