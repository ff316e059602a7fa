/** What the way to a peer looks like: who ends TLS, who answers, and why nobody does. */
import { HandshakeError } from '@tacit/comm';
import { ChannelEndedError, REFUSALS } from '@tacit/comm/layers';
import { RelayError } from '@tacit/comm/relay';
import { deviceIdOf } from '@tacit/identity';
import { EndedError, RefusedError } from './asker.js';
import { NotBegunError } from './begin-diagnosis.js';
import { type Found, ok, problem } from './finding.js';
import type { Shown } from './network/outer-tls.js';
import type { PeerToCheck } from './peer-to-check.js';
import type { Target } from './target.js';
import { TimeLimitError } from './within.js';

/**
 * The peer has proved who it is.
 * @param peer who was expected
 * @param target where
 * @param shown the certificate of the outer TLS; undefined without any
 * @returns how it is encrypted, and what stands between
 */
export function wayOf(peer: PeerToCheck, target: Target, shown: Shown | undefined): Found {
  const through = target.relayTo === undefined ? '' : ' through the relay';
  if (shown === undefined)
    return ok(
      `${peer.name} has proved its identity${through}; encrypted end to end, inside an unencrypted connection`,
      { direct: false },
    );
  if (target.relayTo === undefined && peer.fingerprints.includes(shown.fingerprint))
    return ok(
      `${peer.name} is reached directly: ${shown.protocol}, and the certificate is the one that is pinned`,
      { direct: true },
    );
  const figures = { direct: false, subject: shown.subject, issuer: shown.issuer, trusted: shown.trusted };
  if (target.relayTo !== undefined)
    return ok(
      `${peer.name} has proved its identity through the relay (certificate ${nameOf(shown)}); encrypted end to end`,
      figures,
    );
  return ok(
    `something ends TLS on the way (certificate ${nameOf(shown)}); ${peer.name} has proved its identity inside, and all is encrypted end to end: what is on the way sees sizes and times only`,
    figures,
  );
}

/**
 * A connection came about, and not the peer at its end.
 * @param peer who was expected
 * @param target where
 * @param shown the certificate of the outer TLS; undefined without any
 * @param error why not
 * @returns a problem
 */
export function notThere(peer: PeerToCheck, target: Target, shown: Shown | undefined, error: unknown): Found {
  const text = withDeviceIds(textOf(error));
  const figures = shown && { seen: shown.fingerprint, subject: shown.subject, issuer: shown.issuer };
  const reason = error instanceof HandshakeError ? error.reason : '';
  const other = shown && endedByOther(shown, error) ? shown.fingerprint : undefined;
  if (reason === 'wrong key' || other !== undefined)
    return problem(
      `who answers is not ${peer.name}: ${other === undefined ? text : withDeviceIds(`it has the certificate ${other}, expected ${peer.fingerprints.join(' or ')}`)}`,
      `ask ${peer.name}, by telephone, for its device id ('tacit identity' prints it): if it has a new one, add that to peers.yaml; if not, somebody else answers at ${target.address}: find out who`,
      figures,
    );
  if (reason === 'certificate expired')
    return problem(
      `${peer.name}: ${text}`,
      `have ${peer.name} make a new identity (tacit identity --renew) and tell its device id to all its peers; or set the clock that is wrong`,
      figures,
    );
  // The relay's own words say what to do: who is absent, who is not allowed.
  const atRelay = error instanceof RelayError || reason === 'not allowed' || reason === 'declined';
  if (atRelay) {
    const [what = text, ...todo] = text.split('; ');
    return problem(
      what,
      todo.join('; ') ||
        `have ${peer.name} start its process; 'tacit doctor' over there says whether it is registered at the relay`,
      figures,
    );
  }
  const way =
    shown === undefined || peer.fingerprints.includes(shown.fingerprint)
      ? ''
      : `; the certificate on the way is ${nameOf(shown)}`;
  return problem(
    `${peer.name} does not answer at ${target.address}: ${text}${way}`,
    target.relayTo === undefined
      ? `see that tacit runs at ${peer.name}; a proxy or load balancer before it has to know where it is, and to pass WebSocket upgrades on`
      : `see that ${peer.name} runs and is registered at this relay: 'tacit doctor' over there says so`,
    figures,
  );
}

/**
 * The peer is there, and does not let itself be asked, or stopped answering.
 * @param peer who
 * @param error why not
 * @returns a problem
 */
export function unanswered({ name }: PeerToCheck, error: unknown): Found {
  const text = textOf(error);
  if (error instanceof NotBegunError && error.why === 'stranger')
    return problem(
      `${name} does not know this side (${text})`,
      `exchange an invite: tacit invite on one side, tacit join on the other. If you did, ${name} knows another device id of yours: compare 'tacit identity' here with 'tacit peers list' there`,
    );
  if (error instanceof NotBegunError && error.why === 'version')
    return problem(
      `${name} runs another release${error.release === undefined ? '' : `, ${error.release}`}: ${text}`,
      'have both sides install the same minor version',
    );
  if (error instanceof NotBegunError || error instanceof RefusedError)
    return problem(
      `${name} does not let itself be asked (${text})`,
      `ask the operator of ${name}, whose log says why`,
    );
  if (error instanceof EndedError && error.end.code >= 4000)
    return problem(
      `${name} hung up (${text})`,
      'compare the releases on both sides: all members run the same minor version',
    );
  if (error instanceof TimeLimitError)
    return problem(
      `${name} took the connection and then said nothing: ${text}`,
      'something on the way holds messages back (a proxy that buffers WebSocket messages), or the process at the other end hangs: ask its operator for its log',
    );
  return problem(
    `the connection to ${name} broke (${text})`,
    'run doctor again; if it stays so, something on the way cuts connections: look for limits on how long or how much',
  );
}

/** Somebody else's daemon, which has ended TLS itself, refuses to have it inside as well. */
const endedByOther = ({ trusted, subject, issuer }: Shown, error: unknown): boolean =>
  error instanceof ChannelEndedError &&
  error.end.code === REFUSALS.malformed &&
  !trusted &&
  subject === issuer;

const nameOf = ({ subject, issuer }: Shown): string =>
  `${JSON.stringify(subject)}, issued by ${JSON.stringify(issuer)}`;

/** People compare device ids, not fingerprints. */
const withDeviceIds = (text: string): string =>
  text.replaceAll(/\b[0-9a-f]{64}\b/g, (fingerprint) => deviceIdOf(fingerprint));

function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return textOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
