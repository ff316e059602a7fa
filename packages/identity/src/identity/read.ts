/** The identity of this organisation, as it is on the disk. */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { deviceIdOf } from '../device-id/device-id.js';
import { IdentityError } from '../errors.js';
import { pathsIn } from '../home/home.js';
import { readOwn, requireOwnFolder } from '../home/private-files.js';

/** A key and the certificate by which peers know it. */
export interface Identity {
  /** Common name of the certificate. Peers use a name of their own choice. */
  readonly name: string;
  /** SHA-256 of the certificate's DER, 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /** The fingerprint as people compare it. */
  readonly deviceId: string;
  /** The private key: PKCS#8 in PEM. A secret. */
  readonly key: string;
  /** X.509 in PEM. */
  readonly certificate: string;
  /** Until when the certificate is valid. */
  readonly notAfter: Date;
}

/**
 * Reads the identity of this organisation.
 * @param home the folder, from `homeFolder`
 * @returns the identity
 * @throws IdentityError IDENTITY_MISSING where there is none, FILE_NOT_PRIVATE where others can read the key,
 *   IDENTITY_FILES where the files are broken or not those of one identity; FileError where they cannot be read
 * @example
 * const identity = readIdentity(homeFolder());
 */
export function readIdentity(home: string): Identity {
  const paths = pathsIn(home);
  requireOwnFolder(home);
  requireOwnFolder(paths.identity);
  const key = readOwn(paths.key, true);
  const certificate = readOwn(paths.certificate, false);
  if (key === undefined && certificate === undefined)
    throw new IdentityError(
      'IDENTITY_MISSING',
      existsSync(`${paths.identity}.old`)
        ? `there is no identity in ${paths.identity}: a renewal was interrupted; give the old one its place back (mv ${paths.identity}.old ${paths.identity}) and run 'tacit identity --renew' again`
        : `there is no identity in ${paths.identity}; make one: tacit identity --name NAME`,
    );
  if (key === undefined || certificate === undefined)
    throw new IdentityError(
      'IDENTITY_FILES',
      `${key === undefined ? paths.key : paths.certificate} is missing; restore it from a backup, or make a new identity: tacit identity --renew --name NAME`,
    );
  return identityOf(key, certificate, paths);
}

/** Checks that both are whole, and belong together. Errors quote neither. */
export function identityOf(
  key: string,
  certificate: string,
  paths: { readonly key: string; readonly certificate: string },
): Identity {
  const broken = (path: string, what: string, cause?: unknown): IdentityError =>
    new IdentityError(
      'IDENTITY_FILES',
      `${path} ${what}; restore both files from a backup, or make a new identity: tacit identity --renew --name NAME`,
      // What OpenSSL says about a key quotes nothing of it, but need not be shown either.
      { cause },
    );
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch (cause) {
    throw broken(paths.certificate, 'is not a certificate in PEM', cause);
  }
  let privateKey: ReturnType<typeof createPrivateKey>;
  try {
    privateKey = createPrivateKey({ key, format: 'pem' });
  } catch (cause) {
    throw broken(paths.key, 'is not an unencrypted private key in PEM', cause);
  }
  if (privateKey.asymmetricKeyType !== 'ec' || privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw broken(paths.key, 'is not a key of P-256');
  if (!parsed.checkPrivateKey(privateKey)) throw broken(paths.key, `is not the key of ${paths.certificate}`);
  const fingerprint = createHash('sha256').update(parsed.raw).digest('hex');
  return {
    name: /^CN=(.*)$/m.exec(parsed.subject)?.[1] ?? '',
    fingerprint,
    deviceId: deviceIdOf(fingerprint),
    key,
    certificate,
    notAfter: new Date(parsed.validTo),
  };
}
