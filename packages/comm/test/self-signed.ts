/** Self-signed certificates for tests, of any key: X.509 by hand, with a name and a validity and nothing else. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { TlsIdentity } from '../src/tls.js';

/** The keys that there are certificates for. */
export type Kind = 'P-256' | 'P-384' | 'Ed25519' | 'RSA';

const SIGNATURES: Record<Kind, string> = {
  'P-256': '300a06082a8648ce3d040302',
  'P-384': '300a06082a8648ce3d040302',
  Ed25519: '300506032b6570',
  RSA: '300d06092a864886f70d01010b0500',
};

/** A fresh identity. */
export function selfSigned(name: string, kind: Kind = 'P-256'): TlsIdentity {
  const key = keyOf(kind);
  const algorithm = Buffer.from(SIGNATURES[kind], 'hex');
  const subject = der(
    0x30,
    der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(name)))),
  );
  const validity = der(
    0x30,
    der(0x17, Buffer.from('200101000000Z')),
    der(0x17, Buffer.from('491231235959Z')),
  );
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const serial = der(0x02, Buffer.of(1));
  const body = der(0x30, serial, algorithm, subject, validity, subject, publicKey);
  const signature = sign(kind === 'Ed25519' ? null : 'sha256', body, key);
  const whole = der(0x30, body, algorithm, der(0x03, Buffer.of(0), signature));
  const lines = whole.toString('base64').replaceAll(/(.{64})/g, '$1\n');
  return {
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

function keyOf(kind: Kind): KeyObject {
  if (kind === 'RSA') return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  if (kind === 'Ed25519') return generateKeyPairSync('ed25519').privateKey;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: kind });
  return createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

/** A value of DER with its tag and length. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  if (length < 128) return Buffer.concat([Buffer.of(tag, length), body]);
  const size = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), body]);
}
