/** Addresses of organisations: direct, or at a relay. */
import { ArgumentError } from '@tacit/errors';

const MOST_CHARACTERS = 200;
const VISIT = /\/to\/([0-9a-f]{64})$/;

/**
 * Checks an address: `wss://host[:port][/path]`, or at a relay, `wss://relay[:port][/path]/to/FINGERPRINT`; `ws:` where
 * something else ends TLS, since what members send is encrypted anyway.
 * @param text as it was typed
 * @returns what is wrong with it; undefined if nothing is
 */
export function addressProblem(text: string): string | undefined {
  const url = urlOf(text);
  if (text.length > MOST_CHARACTERS) return `has more than ${MOST_CHARACTERS} characters`;
  if (!url || !['wss:', 'ws:'].includes(url.protocol) || url.hostname === '')
    return 'must be like wss://host:7700 or wss://relay.host/to/FINGERPRINT';
  if (url.username || url.password) return 'must have no user and password';
  if (url.search || url.hash || /[?#]/.test(text)) return 'must end with its path, without ? and #';
  if (/\/(?:to|listen|accept)(?:\/|$)/.test(url.pathname) && !VISIT.test(url.pathname))
    return 'names a relay, but no member at it: it must end with /to/ and 64 hexadecimal digits';
  return undefined;
}

const urlOf = (text: string): URL | undefined =>
  /^[\x21-\x7e]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined;

/**
 * The address of a member that waits at a relay.
 * @param relay the relay's own address, `wss://relay.host`
 * @param fingerprint of the member
 * @returns `wss://relay.host/to/FINGERPRINT`
 * @throws ArgumentError where the relay's address is none
 */
export function addressAtRelay(relay: string, fingerprint: string): string {
  const problem = addressProblem(relay) ?? (VISIT.test(relay) ? 'is that of a member at it' : undefined);
  if (problem) throw new ArgumentError(`the address of the relay, ${JSON.stringify(relay)}, ${problem}`);
  return `${relay.replace(/\/+$/, '')}/to/${fingerprint}`;
}

/**
 * Whom an address at a relay leads to.
 * @param address of a member
 * @returns the relay's own address, and the member's fingerprint; undefined for a direct address
 */
export function relayOf(
  address: string,
): { readonly relay: string; readonly fingerprint: string } | undefined {
  const match = VISIT.exec(address);
  return match ? { relay: address.slice(0, match.index), fingerprint: match[1] } : undefined;
}
