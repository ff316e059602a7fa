/** Who this process is, and what its certificate is known by. */
import { X509Certificate } from 'node:crypto';
import { DEFAULT_CIPHERS } from 'node:tls';
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

/** 128 bits are what everything else here has; 256 take a fifth longer. The rest is for proxies on the way. */
const FIRST_CIPHER = 'TLS_AES_128_GCM_SHA256';
const CIPHERS = [FIRST_CIPHER, ...DEFAULT_CIPHERS.split(':').filter((name) => name !== FIRST_CIPHER)].join(
  ':',
);

/** What this end brings to every TLS connection. */
export const credentials = ({ key, certificate }: TlsIdentity) => ({
  key,
  cert: certificate,
  ciphers: CIPHERS,
});

/** What it brings to one that may be a connection of members, or carry WebSockets. */
export const ownTls = (identity: TlsIdentity) => ({
  ...credentials(identity),
  ALPNProtocols: [STREAM_PROTOCOL, 'http/1.1'],
});
