/** The port at which guests reach a process: clients of services, which know it by a key of Noise. */
import type { Opening } from '@tacit/comm/layers';
import { type GuestDoor as Asked, listen } from '@tacit/comm/websocket';
import { guestKeyOf } from '../home/guest-key.js';
import { DaemonUsageError } from '../session-errors.js';
import { socketSettings } from './dialing.js';
import type { Organisation } from './organisation.js';
import type { GuestHub } from './take-part.js';

/** A port for guests that listens. */
export interface GuestDoor extends GuestHub {
  readonly publicKey: Uint8Array;
  /** What peers and invites say about it. */
  readonly door: { readonly key: string; readonly address: string };
}

const ANY_HOST = ['0.0.0.0', '::', '[::]'];

/**
 * Opens the port for guests as its owner has set it.
 * @param organisation whose
 * @param onGuest as of a hub's option: who may prove itself outside of sessions
 * @returns the port; undefined where `guests` is not set
 * @throws DaemonUsageError where nobody would know how to reach it; GuestKeyError; the error of the operating system
 */
export async function openGuestDoor(
  { home, config }: Organisation,
  onGuest?: (opening: Opening) => Asked | undefined,
): Promise<GuestDoor | undefined> {
  const { guests, limits } = config;
  if (guests === undefined) return undefined;
  if (guests.address === undefined && ANY_HOST.includes(guests.listen.host))
    throw new DaemonUsageError(
      "say how guests reach this process: 'guests.address' in config.yaml, such as wss://dealer.example",
    );
  const { secretKey, publicKey } = guestKeyOf(home);
  const hub = await listen({
    ...socketSettings(limits.frame),
    ...guests.listen,
    maxUnauthenticated: limits.connections,
    allowedOrigins: guests.origins,
    ...(onGuest && { onGuest }),
  });
  const door = { key: Buffer.from(publicKey).toString('hex'), address: guests.address ?? hub.address };
  return { hub, secretKey, publicKey, door };
}
