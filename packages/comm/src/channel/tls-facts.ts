/** What a TLS connection of Node.js has proved about the peer. */
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { HandshakeError } from '../errors.js';
import type { ChannelBinding, ExportKey } from './channel.js';

export interface TlsFacts {
  /** Where both ends showed a certificate. */
  readonly binding: ChannelBinding | undefined;
  /** None before TLS 1.3, whose exporters bind to less. */
  readonly exportKey: ExportKey | undefined;
}

/** The form that this package uses: 64 digits. */
const plainHex = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();

/** Whether a connection is one of TLS. */
export const isTls = (stream: Socket): stream is TLSSocket => stream instanceof TLSSocket;

/**
 * The fingerprint of the certificate that the peer has shown, whose key TLS has proved it to have.
 * @param socket after the handshake
 * @returns undefined if it showed none
 */
export function peerFingerprint(socket: TLSSocket): string | undefined {
  const certificate = peerCertificate(socket);
  return certificate && plainHex(certificate.fingerprint256);
}

/** By its bytes, since `getPeerX509Certificate` of a client gives nothing when it is called again (Node.js 20). */
function peerCertificate(socket: TLSSocket): X509Certificate | undefined {
  const { raw } = socket.getPeerCertificate();
  return raw && new X509Certificate(raw);
}

/**
 * What has been proved.
 * @param socket after the handshake
 * @param showed whether this end has shown a certificate, if it was asked for one; servers always have
 * @returns the facts
 */
export function tlsFacts(socket: TLSSocket, showed: boolean): TlsFacts {
  if (socket.getProtocol() !== 'TLSv1.3') return { binding: undefined, exportKey: undefined };
  const exportKey: ExportKey = (label, length) =>
    new Uint8Array(socket.exportKeyingMaterial(length, label, Buffer.alloc(0)));
  const peer = peerFingerprint(socket);
  const mutual = showed && peer !== undefined;
  return { exportKey, binding: mutual ? { peerFingerprint: peer, exportKey } : undefined };
}

/**
 * Pins do not make a certificate last longer than its owner wanted.
 * @param socket after the handshake
 * @throws HandshakeError ('certificate expired')
 */
export function refuseExpired(socket: TLSSocket): void {
  const certificate = peerCertificate(socket);
  if (certificate === undefined || Date.parse(certificate.validTo) >= Date.now()) return;
  throw new HandshakeError(
    'certificate expired',
    `the certificate ${plainHex(certificate.fingerprint256)} of the other side expired on ${certificate.validTo}; its owner has to renew it and tell its peers the new one, or one of the two clocks is wrong`,
  );
}
