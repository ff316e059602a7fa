/** A member's connection to a relay: opens it, proves who the member is, and says in words why the relay refuses. */
import type { Agent } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import { abortable } from '../abortable.js';
import type { Channel } from '../channel/channel.js';
import { openWebSocket, type SocketSettings } from '../channel/node-websocket.js';
import { ChannelEndedError, readMessage } from '../channel/read-message.js';
import { isTls, peerFingerprint } from '../channel/tls-facts.js';
import { CommArgumentError, HandshakeError } from '../errors.js';
import { RelayError } from './errors.js';
import type { LoadedIdentity } from './identity.js';
import { parseRelayMessage, RELAY_VERSION, type RelayMessage } from './messages.js';
import { signClaim, type Wish } from './proof.js';
import { proxyAgentFor } from './proxy.js';
import { explain, isTransient, type Refused, relayRefusal } from './refusals.js';

/** How to reach a relay, and by what to know it. */
export interface RelayConnectionSettings extends SocketSettings {
  /** Goes through an HTTP proxy; false for none. Default: that of the environment (`proxyAgentFor`). */
  readonly agent?: Agent | false | undefined;
  /**
   * By what to know the relay behind `wss:`. Default: the certificate authorities that Node.js knows. Whatever the relay
   * is, it cannot read or change what members say to each other.
   */
  readonly trust?: RelayTrust | undefined;
}

export interface RelayTrust {
  /** Certificates, as PEM, to trust instead. */
  readonly ca?: string | readonly string[];
  /** SHA-256 of the relay's certificate, 64 hexadecimal digits, whoever signed it. */
  readonly fingerprint?: string;
}

/** Opens a connection that has come as far as the relay's answer: registered, or paired. */
export async function connectToRelay(
  relay: string,
  wish: Wish,
  identity: LoadedIdentity,
  settings: RelayConnectionSettings,
  signal: AbortSignal,
): Promise<Channel> {
  const { agent = proxyAgentFor(relay), trust, ...socketSettings } = settings;
  const path = wish.role === 'listen' ? wish.role : `${wish.role}/${wish.target}`;
  const { channel, stream } = await openWebSocket(`${relay}/${path}`, signal, {
    ...socketSettings,
    tls: connectionOptions(trust),
    // What members say to each other is encrypted, so no proxy can be led to take it for something else.
    unmasked: true,
    ...(agent && { agent }),
  });
  const host = new URL(relay).host;
  const refused: Refused = {
    relay: host,
    own: identity.fingerprint,
    target: wish.role === 'to' ? wish.target : undefined,
    detail: '',
  };
  try {
    if (trust?.fingerprint !== undefined) {
      const shown = isTls(stream) ? peerFingerprint(stream) : undefined;
      if (shown !== trust.fingerprint)
        throw new HandshakeError(
          'certificate',
          `the relay ${host} shows ${shown ? `the certificate ${shown}` : 'no certificate'}, not ${trust.fingerprint}; ask its operator for its fingerprint, and for the way there without a proxy that ends TLS`,
        );
    }
    return await abortable<Channel>(signal, (resolve, reject) => {
      greet(channel, wish, host, identity).then(() => resolve(channel), reject);
      return undefined;
    });
  } catch (error) {
    channel.destroy();
    throw inWords(error, refused);
  }
}

/** What `ws` and TLS are told. */
function connectionOptions(trust: RelayTrust | undefined): ConnectionOptions {
  if (trust?.fingerprint !== undefined)
    return { rejectUnauthorized: false, checkServerIdentity: () => undefined };
  const { ca } = trust ?? {};
  return ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] };
}

async function greet(channel: Channel, wish: Wish, relay: string, identity: LoadedIdentity): Promise<void> {
  const challenge = await read(channel);
  if (challenge.type !== 'challenge') return notARelay();
  if (challenge.version !== RELAY_VERSION)
    throw new HandshakeError(
      'wrong version',
      `the relay ${relay} speaks version ${String(challenge.version)}, this member ${RELAY_VERSION}; run the same release at both`,
    );
  const claim = { ...wish, relay, nonce: challenge.nonce };
  const proof = {
    type: 'proof',
    version: RELAY_VERSION,
    certificate: identity.certificate.toString('base64url'),
    relay,
    signature: signClaim(claim, identity).toString('base64url'),
  };
  channel.send(JSON.stringify(proof));
  const answer = await read(channel);
  if (answer.type !== (wish.role === 'listen' ? 'registered' : 'paired')) notARelay();
}

async function read(channel: Channel): Promise<RelayMessage> {
  const text = await readMessage(channel);
  return (typeof text === 'string' ? parseRelayMessage(text) : undefined) ?? notARelay();
}

function notARelay(): never {
  throw new HandshakeError('malformed', 'whoever listens there is not a relay, or one of another release');
}

/** A refusal of the relay as an error, for good or for now; other errors as they are. */
function inWords(error: unknown, refused: Refused): unknown {
  if (!(error instanceof ChannelEndedError)) return error;
  const reason = relayRefusal(error.end.code);
  if (reason === undefined) return error;
  const detail = /^close code \d+: (.*)$/s.exec(error.end.detail)?.[1] ?? '';
  const message = explain(reason, { ...refused, detail });
  return isTransient(reason) ? new RelayError(reason, message) : new HandshakeError(reason, message);
}

/** Where a relay is: `ws:` or `wss:`, without a slash at the end. Throws CommArgumentError on anything else. */
export function relayBase(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^wss?:$/.test(parsed.protocol) || parsed.search || parsed.hash)
    throw new CommArgumentError(
      `${JSON.stringify(url)} is not the address of a relay: wss://host, wss://host:port or ws://host:port`,
    );
  const path = parsed.pathname.replace(/\/+$/, '');
  return `${parsed.protocol}//${parsed.host}${path}`;
}
