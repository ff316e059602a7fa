import { failureOf } from '@tacit/compliance';
import { Communicator } from '../src/index.js';
import {
  listen,
  type WebSocketHub,
  type WebSocketTransportOptions,
  webSocketTransport,
} from '../src/websocket.js';

export { failureOf };

export const freshToken = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface Setup {
  readonly hub: WebSocketHub;
  readonly token: Uint8Array;
  readonly sessionId: string;
  readonly addresses: string[];
  /** Options of a member. */
  member(rank: number, changes?: Partial<WebSocketTransportOptions>): WebSocketTransportOptions;
}

/** A session of two in which rank 0 listens. */
export async function pairSetup(options: Parameters<typeof listen>[0] = {}): Promise<Setup> {
  const hub = await listen(options);
  const token = freshToken();
  const sessionId = 'session';
  const addresses = [hub.address, ''];
  const member = (rank: number, changes: Partial<WebSocketTransportOptions> = {}) => ({
    rank,
    size: 2,
    addresses,
    hub: rank === 0 ? hub : undefined,
    token,
    sessionId,
    connectTimeoutMs: 5000,
    ...changes,
  });
  return { hub, token, sessionId, addresses, member };
}

/** Both members, connected. */
export async function connectPair({ member }: Setup, changes: Partial<WebSocketTransportOptions> = {}) {
  const [a, b] = await Promise.all([0, 1].map((rank) => webSocketTransport(member(rank, changes))));
  if (!a || !b) throw new Error('no pair');
  return [new Communicator(a), new Communicator(b)] as const;
}
