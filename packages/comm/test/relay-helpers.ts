/** Members at a relay, for tests. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Channel } from '../src/layers.js';
import { connectToRelay, type RelayConnectionSettings } from '../src/relay/connect.js';
import { loadIdentity } from '../src/relay/identity.js';
import { signClaim, type Wish } from '../src/relay/proof.js';
import {
  listenAtRelay,
  type Relay,
  type RelayDoor,
  type RelayListenOptions,
  type RelayOptions,
  startRelay,
} from '../src/relay.js';
import { fingerprintOf, type TlsIdentity } from '../src/tls.js';
import { alice, bob } from './test-identities.js';

export const never = new AbortController().signal;
export const printOf = ({ certificate }: TlsIdentity): string => fingerprintOf(certificate);

/** Whatever happens in the relay under test is one of these. */
export type Cleanup = () => unknown;

/** Collects what has to be closed after a test. */
export class Stage {
  readonly #cleanups: Cleanup[] = [];

  later(cleanup: Cleanup): void {
    this.#cleanups.push(cleanup);
  }

  async clear(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  async relay(options: RelayOptions = {}): Promise<Relay> {
    const relay = await startRelay(options);
    this.later(() => relay.close());
    return relay;
  }

  /** A member that waits at a relay, and the channels of its visitors. */
  async listener(
    relay: Pick<Relay, 'address'>,
    identity = alice,
    options: Partial<RelayListenOptions> = {},
  ): Promise<{ door: RelayDoor; next: () => Promise<Channel> }> {
    const waiting: Channel[] = [];
    const takers: ((channel: Channel) => void)[] = [];
    const admit = (channel: Channel): void => {
      const taker = takers.shift();
      if (taker === undefined) waiting.push(channel);
      else taker(channel);
    };
    const door = await listenAtRelay({ url: relay.address, identity, hub: { admit }, ...options });
    this.later(() => door.close());
    const next = async (): Promise<Channel> =>
      waiting.shift() ?? new Promise((resolve) => takers.push(resolve));
    return { door, next };
  }

  /** Both ends of a connection through the relay, without TLS inside, so that tests can look in. */
  async pair(relay: Pick<Relay, 'address'>, from = bob, to = alice): Promise<[Channel, Channel]> {
    const { next } = await this.listener(relay, to);
    return Promise.all([dialRaw(relay, printOf(to), from), next()]);
  }
}

/** A visitor's connection, once it is let in. */
export const dialRaw = (
  relay: Pick<Relay, 'address'>,
  target: string,
  identity = bob,
  settings: RelayConnectionSettings = {},
): Promise<Channel> =>
  connectToRelay(relay.address, { role: 'to', target }, loadIdentity(identity), settings, never);

/** A connection that speaks as it likes. */
export async function rawSocket(address: string, path: string) {
  const socket = new WebSocket(`${address}/${path}`, { perMessageDeflate: false });
  const heard: string[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  socket.on('error', () => {});
  const challenge = new Promise<{ nonce: string }>((resolve) =>
    socket.on('message', (data) => {
      heard.push(String(data));
      resolve(JSON.parse(String(data)));
    }),
  );
  await once(socket, 'open');
  return { socket, heard, closed, nonce: (await challenge).nonce };
}

/** A proof of `identity`, or a wrong one. */
export function proofOf(
  identity: TlsIdentity,
  wish: Wish,
  relay: string,
  nonce: string,
  changes: Record<string, unknown> = {},
): string {
  const loaded = loadIdentity(identity);
  return JSON.stringify({
    type: 'proof',
    version: 1,
    certificate: loaded.certificate.toString('base64url'),
    relay,
    signature: signClaim({ ...wish, relay, nonce }, loaded).toString('base64url'),
    ...changes,
  });
}

/** Waits until something is true, for as long as the test may take. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
