/** Connects one member to a session: its own hub if it listens, keys or token, links that may be resumed. */

import type { ConnectionOptions } from 'node:tls';
import { Communicator } from '@tacit/comm';
import type { ListenOptions, SocketSettings, WebSocketHub } from '@tacit/comm/websocket';
import { LaunchAbortedError, LaunchOptionsError, NestedLaunchError } from '../errors.js';
import { memberContext } from '../member/context.js';
import {
  type CheckedSession,
  checkSession,
  type LinkPatience,
  type ListenAt,
  type ListeningDoor,
  type SessionOptions,
} from './session-options.js';

export interface ConnectedSession {
  readonly comm: Communicator;
  readonly checked: CheckedSession;
}

/**
 * Opens a door for members that dial this one; for `joinSession` and `runDealer` where the port is not known before.
 * @param options where to listen; by default any free port
 * @returns the hub, with the `address` that it got; the caller closes it
 * @throws the error of the operating system if the address cannot be had
 * @example const door = await listen({ port: 7700 });
 */
export function listen(options: ListenAt = {}): Promise<ListeningDoor> {
  return openDoor(options);
}

async function openDoor(options: ListenAt & SocketSettings): Promise<WebSocketHub> {
  // Loaded here, so that parties in threads do not pay for it.
  const websocket = await import('@tacit/comm/websocket');
  return websocket.listen(options as ListenOptions); // PEM as bytes is what Node.js takes, too
}

/**
 * A fresh key pair for `keys`. The secret key stays with the member, the others get the public one.
 * @returns both keys, 32 bytes each
 * @example const { publicKey, secretKey } = await generateKeys();
 */
export async function generateKeys(): Promise<{ secretKey: Uint8Array; publicKey: Uint8Array }> {
  const { noiseKeys } = await import('@tacit/comm/noise');
  return noiseKeys();
}

/**
 * Runs `use` while this member is connected to all others, and leaves whatever happens. Rejects with the first of: what
 * `use` throws, what ended the session, the cancellation.
 */
export async function withSession<T>(
  options: SessionOptions,
  rank: number,
  use: (session: ConnectedSession) => Promise<T>,
): Promise<T> {
  if (memberContext())
    throw new NestedLaunchError('or a session joined in a party that another launch started');
  const checked = checkSession(options, rank);
  const { signal } = options;
  if (signal?.aborted) throw new LaunchAbortedError(signal.reason);
  const hub = await openHub(options, rank);
  try {
    const comm = await connect(options, rank, checked, hub).catch((error) => {
      throw signal?.aborted ? new LaunchAbortedError(signal.reason) : error;
    });
    const cancel = (): void => comm.abort(new LaunchAbortedError('the session was cancelled'));
    signal?.addEventListener('abort', cancel);
    try {
      // Later than rejections of what the program awaits, which say more.
      const failed = new Promise<never>((_, reject) =>
        comm.onAbort((error) => setImmediate(() => reject(error))),
      );
      return await Promise.race([use({ comm, checked }), failed]);
    } catch (error) {
      throw signal?.aborted ? new LaunchAbortedError(signal.reason) : error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      await comm.close();
    }
  } finally {
    if (hub !== options.listen) await hub?.close();
  }
}

async function connect(
  options: SessionOptions,
  rank: number,
  { size, timeoutMs, names }: CheckedSession,
  hub: WebSocketHub | undefined,
): Promise<Communicator> {
  const { addresses, sessionId, keys, token, tls, resumeMs = 0, connectTimeoutMs = timeoutMs } = options;
  const { nodePrimitives, webSocketTransport } = await import('@tacit/comm/websocket');
  const secure =
    keys && (await import('@tacit/comm/noise')).noise({ keys, token, primitives: nodePrimitives });
  const { closeTimeoutMs: _, ...patience } = given(options.links ?? {});
  const links =
    resumeMs > 0
      ? (await import('@tacit/comm/resumable')).resumable({ graceMs: resumeMs, ...patience })
      : undefined;
  const identity = secure ? { secure } : { token };
  const group = {
    rank,
    size,
    addresses,
    sessionId,
    hub,
    tls: tls as ConnectionOptions | undefined,
    links,
    ...socketSettings(options.links ?? {}, resumeMs > 0),
    connectTimeoutMs,
    signal: options.signal,
  };
  return new Communicator(await webSocketTransport({ ...group, ...identity }), { timeoutMs, names });
}

/** Of the connections below links. Those that are resumed have a heartbeat of their own above. */
const socketSettings = (
  { heartbeatMs: pingIntervalMs, deadAfterMs, closeTimeoutMs }: LinkPatience,
  resumed: boolean,
): SocketSettings => given({ closeTimeoutMs, ...(!resumed && { pingIntervalMs, deadAfterMs }) });

/** Without what is undefined, which would stand in the place of a default. */
const given = <T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };

/** The hub of a member that others dial: the given one, or a new one where its address says. */
async function openHub(
  { listen: where, addresses, links = {}, resumeMs = 0 }: SessionOptions,
  rank: number,
): Promise<WebSocketHub | undefined> {
  if (where !== undefined && 'join' in where) return where as WebSocketHub;
  if (where !== undefined && 'close' in where)
    throw new LaunchOptionsError("'listen' takes a host and port, or what listen() gave");
  const own = addresses[rank];
  if (!own) return undefined;
  const { hostname, port, protocol } = new URL(own);
  const host = /^(localhost|127\.|\[::1\])/.test(hostname) ? '127.0.0.1' : '0.0.0.0';
  const listeningPort = Number(port) || (protocol === 'wss:' ? 443 : 80);
  return openDoor({ ...socketSettings(links, resumeMs > 0), host, port: listeningPort, ...where });
}
