/** From an invite to a connected session: what client and service say to each other before they compute. */
import type { Transport } from '@tacit/comm';
import { type Channel, type Open, readMessage } from '@tacit/comm/layers';
import { noise, noiseKeys, type Primitives } from '@tacit/comm/noise';
import { resumable } from '@tacit/comm/resumable';
import { ServiceProtocolError, ServiceRefusedError, ServiceUnreachableError } from '../errors.js';
import { fromHex, inviteId, type ModelInvite, toHex } from '../shared/invite.js';
import { guestSessionId, readOfService, SERVICE_VERSION, type SessionOffer } from '../shared/messages.js';

/** What Node.js and browsers do in different ways. */
export interface Surroundings {
  readonly open: Open;
  /** Connects to the members of a session. */
  transport(options: TransportOptions): Promise<Transport>;
  /** Cipher and curve in native code, where they answer at once. */
  readonly primitives?: Primitives | undefined;
}

/** As both kinds of transports take them. */
export interface TransportOptions {
  readonly rank: number;
  readonly size: number;
  readonly addresses: readonly (string | undefined)[];
  readonly sessionId: string;
  readonly secure: ReturnType<typeof noise>;
  readonly links: ReturnType<typeof resumable>;
  readonly signal: AbortSignal;
  readonly connectTimeoutMs: number;
}

/** How long a service may take to say something. */
const ANSWER_MS = 30_000;

/** A session whose members are connected. */
export interface Met {
  readonly offer: SessionOffer;
  readonly transport: Transport;
}

/**
 * Asks for a session, and joins it.
 * @param invite what it says
 * @param around Node.js or a browser
 * @param signal gives up
 * @returns the connected session
 * @throws ServiceUnreachableError, ServiceRefusedError, ServiceProtocolError, what connecting throws, or the reason of the signal
 */
export async function meet(invite: ModelInvite, around: Surroundings, signal: AbortSignal): Promise<Met> {
  const { secretKey, publicKey } = noiseKeys(around.primitives);
  const { channel, offer } = await askForSession(invite, { secretKey, publicKey }, around, signal);
  // While the links are made, either side ends this by hanging up.
  const ended = new AbortController();
  channel.listen({
    onMessage: () => {},
    onEnd: () =>
      ended.abort(new ServiceRefusedError(offer.service, 'SESSION_ENDED', 'it has ended the session')),
  });
  const [, service, dealer] = offer.addresses;
  const { session: sessionId, limits } = offer;
  const publicKeys = [publicKey, invite.serviceKey, invite.dealerKey];
  try {
    const transport = await around.transport({
      rank: 0,
      size: 3,
      addresses: [undefined, service, dealer],
      sessionId,
      secure: noise({
        keys: { secretKey, publicKeys },
        token: fromHex(offer.token),
        primitives: around.primitives,
      }),
      links: resumable({ graceMs: limits.resumeMs }),
      signal: AbortSignal.any([signal, ended.signal]),
      connectTimeoutMs: limits.connectMs,
    });
    return { offer, transport };
  } catch (error) {
    // The service notices, and ends its part.
    channel.destroy();
    throw error;
  } finally {
    channel.listen({ onMessage: () => {}, onEnd: () => {} });
    // In order: from here on the session's own links say who is there.
    channel.close(1000, 'goodbye');
  }
}

async function askForSession(
  { address, serviceKey, secret }: ModelInvite,
  { secretKey, publicKey }: { readonly secretKey: Uint8Array; readonly publicKey: Uint8Array },
  { open, primitives }: Surroundings,
  signal: AbortSignal,
): Promise<{ readonly channel: Channel; readonly offer: SessionOffer }> {
  const layer = noise({
    keys: { secretKey, publicKeys: [publicKey, serviceKey] },
    token: secret,
    primitives,
  });
  let channel: Channel | undefined;
  const patience = new AbortController();
  const timer = setTimeout(
    () => patience.abort(new ServiceUnreachableError(address, `no answer within ${ANSWER_MS / 1000} s`)),
    ANSWER_MS,
  );
  const giveUp = (): void => channel?.destroy();
  signal.addEventListener('abort', giveUp);
  patience.signal.addEventListener('abort', giveUp);
  try {
    signal.throwIfAborted();
    channel = await open(address, AbortSignal.any([signal, patience.signal]));
    const secured = await layer.initiate(channel, {
      sessionId: guestSessionId(inviteId(secret), toHex(publicKey)),
      from: 0,
      to: 1,
      size: 2,
      resumable: false,
    });
    channel = secured;
    secured.send(JSON.stringify({ type: 'open', version: SERVICE_VERSION }));
    const answer = readOfService(await readMessage(secured));
    if (answer.type === 'refuse') throw new ServiceRefusedError(address, answer.code, answer.reason);
    return { channel: secured, offer: answer };
  } catch (error) {
    channel?.destroy();
    if (signal.aborted) throw signal.reason;
    throw patience.signal.aborted ? patience.signal.reason : asServiceError(error, address);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

/** What went wrong, in words of a service and not of a group. */
function asServiceError(error: unknown, address: string): unknown {
  if (error instanceof ServiceRefusedError || error instanceof ServiceProtocolError) return error;
  const { end, reason, message } = error as { end?: { code: number }; reason?: string; message?: string };
  // The service says the same to every stranger: that there is nothing here for it.
  if (end?.code === 4404 || reason === 'unknown session')
    return new ServiceRefusedError(
      address,
      'INVITE_UNKNOWN',
      'it knows no such invite: it was withdrawn, or is of another service; ask for a new one',
    );
  if (end?.code === 4403 || reason === 'wrong key')
    return new ServiceRefusedError(
      address,
      'WRONG_KEY',
      'whoever answers there is not the service that the invite is of, or does not know its secret',
    );
  return new ServiceUnreachableError(address, message || 'no answer', { cause: error });
}
