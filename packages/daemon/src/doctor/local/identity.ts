/** The identity: readable, of one piece, valid today. */
import { X509Certificate } from 'node:crypto';
import { type Identity, readIdentity } from '@tacit/identity';
import { type Found, ok, problem, warning } from '../finding.js';

const DAY_MS = 86_400_000;
/** Peers have to be told of the next one, and people take their time. */
const SOON_DAYS = 60;

/**
 * Reads the identity.
 * @param home the folder
 * @param now the time of this machine
 * @returns the identity, where it can be used, and what is so
 */
export function checkIdentity(
  home: string,
  now: Date = new Date(),
): { readonly found: Found; readonly identity?: Identity } {
  let identity: Identity;
  try {
    identity = readIdentity(home);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    // Messages say what is so, and after that what to do.
    const [what = text, ...todo] = text.split('; ');
    return { found: problem(what, todo.join('; ') || 'make it readable for this user, and for nobody else') };
  }
  const { notAfter, deviceId, certificate } = identity;
  const figures = { deviceId, fingerprint: identity.fingerprint, notAfter: notAfter.toISOString() };
  const day = notAfter.toISOString().slice(0, 10);
  const begins = new Date(new X509Certificate(certificate).validFrom);
  if (begins > now)
    return {
      identity,
      found: problem(
        `the certificate is valid from ${begins.toISOString()} on, and this machine believes that it is ${now.toISOString()}`,
        'set the clock of this machine (timedatectl)',
        figures,
      ),
    };
  const days = Math.floor((notAfter.getTime() - now.getTime()) / DAY_MS);
  if (days < 0)
    return {
      found: problem(
        `the certificate expired on ${day}`,
        'make a new identity (tacit identity --renew), and tell every peer its device id',
        figures,
      ),
    };
  if (days < SOON_DAYS)
    return {
      identity,
      found: warning(
        `the certificate expires in ${days} days, on ${day}`,
        'renew in time: tell every peer the next device id first, so that both are known for a while',
        figures,
      ),
    };
  return {
    identity,
    found: ok(`${identity.name}, ${deviceId}; key and certificate fit, valid until ${day}`, figures),
  };
}
