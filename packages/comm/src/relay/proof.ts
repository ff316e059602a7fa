/**
 * How a member proves to a relay that it owns the key of its certificate: it signs a fresh nonce of the relay, together
 * with the relay's name as it dialed it, and what it wants there. So a relay cannot use the signature at another relay,
 * nor for another purpose.
 *
 * What is signed has the form of RFC 8446, section 4.4.3: 64 spaces, the name of the context, a zero, the content. The
 * context differs from those of TLS, with which the same key signs, so neither signature can stand for the other.
 * Signature: ECDSA on P-256 with SHA-256, as r and s.
 */
import { sign, verify, X509Certificate } from 'node:crypto';
import { fingerprintOfDer, isP256, type LoadedIdentity } from './identity.js';

/** What somebody wants at a relay: wait for visitors, visit a member, or let a visitor in. */
export type Role = 'listen' | 'to' | 'accept';

/** A wish, as the path of an address says it. */
export interface Wish {
  readonly role: Role;
  /** The fingerprint of the member to visit, the id of the visitor to let in, or empty. */
  readonly target: string;
}

/** What a signature is about. */
export interface Claim extends Wish {
  /** Host, and port unless it is the usual one, as dialed. */
  readonly relay: string;
  /** The relay's challenge. */
  readonly nonce: string;
}

const CONTEXT = 'Tacit relay, version 1';

/** None of the parts holds a line break: they come from URLs, or are checked by `messages.ts`. */
function statementOf({ role, target, relay, nonce }: Claim, fingerprint: string): Buffer {
  const content = [role, target, relay, nonce, fingerprint].join('\n');
  return Buffer.from(`${' '.repeat(64)}${CONTEXT}\0${content}`);
}

/**
 * Signs a claim.
 * @param claim with the relay's nonce
 * @param identity whose key signs
 * @returns the signature, 64 bytes
 */
export function signClaim(claim: Claim, { key, fingerprint }: LoadedIdentity): Buffer {
  return sign('sha256', statementOf(claim, fingerprint), { key, dsaEncoding: 'ieee-p1363' });
}

/**
 * Checks a claim.
 * @param claim with the nonce that was sent, and the name that the other side dialed
 * @param der the certificate that the other side shows
 * @param signature which it made
 * @returns its fingerprint if the signature is that of the certificate's key, which must be on P-256; else undefined
 */
export function verifiedFingerprint(claim: Claim, der: Buffer, signature: Buffer): string | undefined {
  try {
    const certificate = new X509Certificate(der);
    // The parser takes PEM, too, and overlooks what follows.
    if (!certificate.raw.equals(der)) return undefined;
    const key = certificate.publicKey;
    const fingerprint = fingerprintOfDer(der);
    const statement = statementOf(claim, fingerprint);
    const valid = isP256(key) && verify('sha256', statement, { key, dsaEncoding: 'ieee-p1363' }, signature);
    return valid ? fingerprint : undefined;
  } catch {
    return undefined;
  }
}
