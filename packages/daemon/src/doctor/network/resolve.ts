/** Whether a name has addresses. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Found, ok, problem } from '../finding.js';
import type { Target } from '../target.js';
import { codeOf, TimeLimitError, within } from '../within.js';

/** What looks up a name; for tests. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/**
 * As the operating system does it, with its hosts file.
 * @param host a name
 * @returns all its addresses
 */
export const systemLookup: Lookup = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/** The addresses of a name, where it has some, and the finding. */
export interface Resolved {
  readonly found: Found;
  readonly addresses: readonly string[];
}

/**
 * Looks up a name.
 * @param target whose host is looked up
 * @param look how
 * @param limitMs how long it may take
 * @param signal cancels it
 * @returns the addresses, none with a problem
 */
export async function resolveName(
  { host }: Pick<Target, 'host'>,
  look: Lookup,
  limitMs: number,
  signal: AbortSignal,
): Promise<Resolved> {
  if (isIP(host)) return { found: ok(`${host} is an IP address, no name to look up`), addresses: [host] };
  try {
    const addresses = await within(limitMs, signal, () => look(host));
    return { found: ok(`${host} is ${addresses.join(', ')}`, { addresses: addresses.join(' ') }), addresses };
  } catch (error) {
    signal.throwIfAborted();
    return { found: unresolved(host, error), addresses: [] };
  }
}

function unresolved(host: string, error: unknown): Found {
  if (error instanceof TimeLimitError || codeOf(error) === 'EAI_AGAIN')
    return problem(
      `the name ${host} could not be looked up: the name server does not answer (${codeOf(error)})`,
      'see that this machine has a name server (/etc/resolv.conf) and may reach it',
    );
  return problem(
    `the name ${host} does not exist, as far as this machine's name server knows (${codeOf(error)})`,
    `correct the peer's address, or ask its operator for a name that the public DNS knows`,
  );
}
