/** A member's identity as a relay sees it: a certificate and its key, both on the curve P-256. */
import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { CommArgumentError } from '../errors.js';
import type { TlsIdentity } from '../tls/tls-identity.js';

/** An identity, read. */
export interface LoadedIdentity {
  readonly key: KeyObject;
  /** The certificate as DER. */
  readonly certificate: Buffer;
  /** SHA-256 of the certificate, lower-case hexadecimal. */
  readonly fingerprint: string;
}

/** SHA-256 of a certificate as DER, lower-case hexadecimal. */
export const fingerprintOfDer = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');

/** Whether a text is a fingerprint. */
export const isFingerprint = (text: unknown): text is string =>
  typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);

/** Whether a key is one that proofs are made with: ECDSA on P-256, nothing else. */
export const isP256 = (key: KeyObject): boolean =>
  key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';

/** Reads an identity. Throws CommArgumentError on one that cannot prove anything. */
export function loadIdentity(identity: TlsIdentity): LoadedIdentity {
  try {
    const key = createPrivateKey(identity.key);
    const certificate = new X509Certificate(identity.certificate);
    if (!isP256(key)) throw new Error('the key is not an EC key on P-256');
    if (!certificate.checkPrivateKey(key)) throw new Error('the key is not that of the certificate');
    return { key, certificate: certificate.raw, fingerprint: fingerprintOfDer(certificate.raw) };
  } catch (error) {
    throw new CommArgumentError(`an identity is a P-256 key and its certificate, as PEM: ${textOf(error)}`);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
