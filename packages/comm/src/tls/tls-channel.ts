/**
 * TLS 1.3 inside a channel, with certificates at both ends: for channels that somebody on the way can read, such as
 * relays and proxies that end the TLS of the connection. The binary messages of the channel below carry what TLS says,
 * in order; messages above are framed inside TLS (`stream-frames.ts`).
 *
 * Certificates are self-signed and known by their fingerprints, so nothing is said about names and issuers.
 */
import { createServer, type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Channel } from '../channel/channel.js';
import type { SocketSettings } from '../channel/node-websocket.js';
import { ChannelEndedError } from '../channel/read-message.js';
import { StreamChannel } from '../channel/stream-channel.js';
import { peerFingerprint, refuseExpired, tlsFacts } from '../channel/tls-facts.js';
import { HandshakeError } from '../errors.js';
import { ChannelDuplex } from './channel-duplex.js';
import { credentials, type TlsIdentity } from './tls-identity.js';

/** Settings of the channel above. */
export type TlsChannelSettings = SocketSettings;

/**
 * The dialer's half.
 * @param channel one on which nothing has been read or sent
 * @param identity of this end
 * @param options `expect`: the fingerprints of which the other end must have one; without it any, see `binding`
 * @returns an encrypted channel with a `binding`
 * @throws HandshakeError if the other end has another certificate or one that has expired, or does not speak TLS 1.3;
 *   ChannelEndedError if the channel ends before
 * @example const secured = await tlsClient(channel, identity, { expect: [fingerprint] });
 */
export async function tlsClient(
  channel: Channel,
  identity: TlsIdentity,
  options: TlsChannelSettings & { readonly expect?: readonly string[] } = {},
): Promise<Channel> {
  const duplex = new ChannelDuplex(channel);
  const socket = tlsConnect({
    socket: duplex,
    ...credentials(identity),
    minVersion: 'TLSv1.3',
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  socket.on('error', () => {}); // Told to whoever waits, or by the channel.
  await handshake(channel, duplex, (resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
  });
  return establish(channel, socket, options);
}

/**
 * The listener's half.
 * @param channel one on which nothing has been sent, and nothing read but `first`
 * @param identity of this end
 * @param options settings; `first`: the first message, if it has been read already
 * @returns an encrypted channel with a `binding`, which says who the other end is; whether it is welcome is for the
 *   caller to decide
 * @throws HandshakeError if the other end shows no certificate or one that has expired, or does not speak TLS 1.3;
 *   ChannelEndedError if the channel ends before
 */
export async function tlsServer(
  channel: Channel,
  identity: TlsIdentity,
  options: TlsChannelSettings & { readonly first?: ArrayBuffer } = {},
): Promise<Channel> {
  // A server that does not listen: a TLSSocket by itself keeps errors after the handshake to itself.
  const server = createServer({
    ...credentials(identity),
    minVersion: 'TLSv1.3',
    requestCert: true,
    rejectUnauthorized: false,
  });
  const duplex = new ChannelDuplex(channel, options.first);
  const socket = await handshake<TLSSocket>(channel, duplex, (resolve, reject) => {
    server.once('secureConnection', (secured) => {
      // What comes right behind the handshake, in the same turn, may be garbage: nobody else listens yet.
      secured.on('error', () => {});
      resolve(secured);
    });
    server.once('tlsClientError', reject);
    server.emit('connection', duplex);
  });
  return establish(channel, socket, options);
}

/** Waits for the end of a handshake, whatever it is. */
async function handshake<T>(
  below: Channel,
  duplex: ChannelDuplex,
  start: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  try {
    return await new Promise((resolve, reject) => {
      duplex.onChannelEnd = () => reject(new Error('the connection was closed'));
      start(resolve, reject);
    });
  } catch (error) {
    duplex.destroy();
    if (below.ended !== undefined) throw new ChannelEndedError(below.ended);
    const { message } = error as Error;
    throw new HandshakeError('malformed', `no TLS 1.3 with the other side: ${message}`);
  } finally {
    duplex.onChannelEnd = undefined;
  }
}

function establish(
  below: Channel,
  socket: TLSSocket,
  options: TlsChannelSettings & { readonly expect?: readonly string[] },
): Channel {
  try {
    if (below.ended !== undefined) throw new ChannelEndedError(below.ended);
    const fingerprint = peerFingerprint(socket);
    if (fingerprint === undefined || options.expect?.includes(fingerprint) === false)
      throw wrongCertificate(fingerprint, options.expect ?? []);
    refuseExpired(socket);
    return new StreamChannel(socket, { ...options, ...tlsFacts(socket, true), below });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** The error for somebody else's certificate, or none. */
export function wrongCertificate(fingerprint: string | undefined, expect: readonly string[]): HandshakeError {
  if (fingerprint === undefined)
    return new HandshakeError('wrong key', 'the other side showed no certificate');
  return new HandshakeError(
    'wrong key',
    `the other side has the certificate ${fingerprint}, expected ${expect.join(' or ')}`,
  );
}
