/** Keys and self-signed certificates. Loads the writer of certificates only when it is called. */
import { webcrypto } from 'node:crypto';

const YEARS = 20;
const HOUR_MS = 3_600_000;

/** A new key with its certificate. */
export interface NewCertificate {
  /** PKCS#8 in PEM. */
  readonly key: string;
  /** X.509 in PEM. */
  readonly certificate: string;
}

/**
 * Makes a P-256 key and a certificate that it signs itself: for the server and the client of TLS, valid from an hour ago
 * (clocks differ) for twenty years, without a host name, since peers know it by its fingerprint.
 * @param name common name of the subject
 * @param now the time, in milliseconds; for tests
 * @returns both in PEM
 */
export async function makeCertificate(name: string, now = Date.now()): Promise<NewCertificate> {
  // In this order: the library wants the polyfill to be there.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + YEARS);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: [{ CN: [name] }],
      notBefore: new Date(now - HOUR_MS),
      notAfter,
      signingAlgorithm: algorithm,
      keys: keys as CryptoKeyPair,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        await x509.SubjectKeyIdentifierExtension.create(
          keys.publicKey as CryptoKey,
          false,
          webcrypto as Crypto,
        ),
      ],
    },
    webcrypto as Crypto,
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
    certificate: `${certificate.toString('pem')}\n`,
  };
}

/** 127 random bits, with which no serial number is 0, negative, or longer than RFC 5280 allows. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0] & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
