/**
 * Connections to listeners that are known by their certificates, encrypted once: by the TLS of `wss:` where the listener
 * itself is at the other end of it, and by TLS inside where somebody else ends that, a proxy, a load balancer or a relay,
 * or there is none.
 */
import type { Agent } from 'node:http';
import { type ConnectOpts, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { abortable } from '../abortable.js';
import type { Channel } from '../channel/channel.js';
import { DirectReads } from '../channel/direct-reads.js';
import { openWebSocket, type SocketSettings, UNPROVEN_BYTES } from '../channel/node-websocket.js';
import type { Open } from '../channel/open.js';
import { StreamChannel } from '../channel/stream-channel.js';
import { isTls, peerFingerprint, refuseExpired, tlsFacts } from '../channel/tls-facts.js';
import { CommArgumentError } from '../errors.js';
import { tlsClient, wrongCertificate } from '../tls/tls-channel.js';
import { ownTls, STREAM_PROTOCOL, type TlsIdentity } from '../tls/tls-identity.js';

export interface IdentityOpenerOptions extends SocketSettings {
  /** Who this process is. */
  readonly identity: TlsIdentity;
  /** The fingerprints of which the listener at an address must have one. */
  readonly fingerprints: (address: string) => readonly string[];
  /** Goes through an HTTP proxy, e.g. that of https-proxy-agent. */
  readonly agent?: Agent;
}

/** What matters is checked here: the fingerprint, of the outer TLS or inside. A proxy on the way may be anybody. */
const ANYBODY = { rejectUnauthorized: false, checkServerIdentity: () => undefined };

/**
 * Opens channels with a `binding`.
 * @param options who this process is, and whom it expects
 * @returns for the option `open` of a transport, with `pinned` as its layer. Opening rejects with HandshakeError if the
 *   listener has another certificate or one that has expired, ChannelEndedError if it refuses, CommArgumentError if it is
 *   not known whom to expect, or the reason of the signal
 * @example const open = identityOpener({ identity, fingerprints: (address) => known.get(address) ?? [] });
 */
export function identityOpener(options: IdentityOpenerOptions): Open {
  const { identity, fingerprints, ...settings } = options;
  return async (address, signal) => {
    const expect = fingerprints(address);
    if (expect.length === 0)
      throw new CommArgumentError(`no fingerprint is known of who listens at ${address}`);
    const direct = new URL(address).protocol === 'wss:' && settings.agent === undefined;
    const reads = direct ? new DirectReads() : undefined;
    const socket = reads && (await dialTls(new URL(address), identity, reads, signal));
    if (socket?.alpnProtocol === STREAM_PROTOCOL) return streamTo(socket, expect, { ...settings, reads });
    const tls = { ...ownTls(identity), ...ANYBODY, ALPNProtocols: ['http/1.1'] };
    const { channel, stream } = await openWebSocket(address, signal, {
      ...settings,
      tls,
      stream: socket,
      unmasked: true,
    });
    try {
      if (isExpected(stream, expect)) {
        refuseExpired(stream);
        channel.bind(tlsFacts(stream, true));
        return channel;
      }
      return await abortable<Channel>(signal, (resolve, reject) => {
        tlsClient(channel, identity, { ...settings, expect }).then(resolve, reject);
        return undefined;
      });
    } catch (error) {
      channel.destroy();
      throw error;
    }
  };
}

const isExpected = (stream: Socket, expect: readonly string[]): stream is TLSSocket =>
  isTls(stream) && stream.getProtocol() === 'TLSv1.3' && expect.includes(peerFingerprint(stream) ?? '');

/** TLS with whoever is there, which also says whether it is a hub: then WebSockets are not needed. */
async function dialTls(
  url: URL,
  identity: TlsIdentity,
  reads: DirectReads,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const servername = isIP(host) ? '' : host;
  const options: ConnectionOptions & ConnectOpts = {
    ...ownTls(identity),
    ...ANYBODY,
    host,
    port: Number(url.port || 443),
    servername,
    onread: reads.onread,
  };
  const socket = tlsConnect(options);
  reads.serve(socket);
  try {
    await abortable<void>(signal, (resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the connection was closed during the handshake of TLS')));
      return undefined;
    });
    return socket.setNoDelay();
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
}

function streamTo(
  socket: TLSSocket,
  expect: readonly string[],
  settings: SocketSettings & { readonly reads: DirectReads | undefined },
): Channel {
  try {
    if (!isExpected(socket, expect)) throw wrongCertificate(peerFingerprint(socket), expect);
    refuseExpired(socket);
    const guard = { limit: UNPROVEN_BYTES };
    return new StreamChannel(socket, { ...settings, ...tlsFacts(socket, true), guard });
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
}
