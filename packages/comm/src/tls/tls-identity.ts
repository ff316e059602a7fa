/** Who this process is, and what its certificate is known by. */
import { X509Certificate } from 'node:crypto';
import { CommArgumentError } from '../errors.js';

/** A key and a certificate for it, in PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly certificate: string;
}

/**
 * What peers know a certificate by.
 * @param certificatePem one certificate in PEM
 * @returns SHA-256 of its DER: 64 hexadecimal digits in lower case
 * @throws CommArgumentError if it is no certificate
 */
export function fingerprintOf(certificatePem: string): string {
  try {
    return new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase();
  } catch {
    throw new CommArgumentError('this is not a certificate in PEM (-----BEGIN CERTIFICATE-----)');
  }
}

/** ALPN of members that know each other's certificates: messages in the stream of TLS, without WebSockets. */
export const STREAM_PROTOCOL = 'tacit/1';

/** What this end brings to a TLS connection that may be one of members, or carry WebSockets. */
export const ownTls = ({ key, certificate }: TlsIdentity) => ({
  key,
  cert: certificate,
  ALPNProtocols: [STREAM_PROTOCOL, 'http/1.1'],
});
