/** Where a member is reached: at its own hub, or at a relay. */
import { listenAtRelay, type RelayDoor, type RelayOptions } from '@tacit/comm/relay';
import type { TlsIdentity } from '@tacit/comm/tls';
import { hubWithoutListening, type ListenOptions, listen, type WebSocketHub } from '@tacit/comm/websocket';
import { SOCKET } from './fabric.js';

/** Of processor time that others may take, a handshake needs milliseconds. */
export const HANDSHAKE_MS = 2500;

export interface Place {
  readonly hub: WebSocketHub;
  /** Of what is behind a network to this place. */
  readonly target: number;
  /** Of this place, behind a network at a port of this machine. */
  address(port: number): string;
  close(): Promise<void>;
}

const patient = { ...SOCKET, helloTimeoutMs: HANDSHAKE_MS };

/** How a relay is started that members meet at. */
export const relayOptions: RelayOptions = { ...patient, limits: { acceptTimeoutMs: HANDSHAKE_MS } };

/**
 * Opens a hub.
 * @param options of the fabric
 */
export async function openHub(options: ListenOptions): Promise<Place> {
  const hub = await listen({ ...options, ...patient });
  const protocol = new URL(hub.address).protocol;
  return {
    hub,
    target: hub.port,
    address: (at) => `${protocol}//127.0.0.1:${at}`,
    close: () => hub.close(),
  };
}

/**
 * Takes a place at a relay.
 * @param options of the fabric
 * @param relay its port
 * @param way the port by which this member reaches it
 */
export async function openPlace(options: ListenOptions, relay: number, way: number): Promise<Place> {
  const hub = hubWithoutListening({ ...options, ...patient });
  const door: RelayDoor = await listenAtRelay({
    url: `ws://127.0.0.1:${way}`,
    identity: options.identity as TlsIdentity,
    hub,
    handshakeTimeoutMs: HANDSHAKE_MS,
    ...SOCKET,
  });
  const { pathname } = new URL(door.address);
  return {
    hub,
    target: relay,
    address: (at) => `ws://127.0.0.1:${at}${pathname}`,
    close: async () => {
      door.close();
      await hub.close();
    },
  };
}
