/** `tacit party` and `tacit dealer` without a session file: a process that waits for proposals of its peers. */
import type { Channel } from '@tacit/comm/layers';
import { listenAtRelay, type RelayDoor, type RelayState } from '@tacit/comm/relay';
import { hubWithoutListening, listen, type WebSocketHub } from '@tacit/comm/websocket';
import type { BoundChannel } from '../control/bound-channel.js';
import { serveControl } from '../control/member.js';
import { Lifecycle } from '../operate/lifecycle.js';
import { DaemonMetrics } from '../operate/metrics.js';
import { type OperateServer, startOperate } from '../operate/server.js';
import { DaemonUsageError } from '../session-errors.js';
import { WarmThreads } from '../sessions/warm-threads.js';
import { advertised } from './addresses.js';
import { socketSettings } from './dialing.js';
import { type GuestDoor, openGuestDoor } from './guest-door.js';
import { MemberPolicy } from './member-policy.js';
import type { Organisation } from './organisation.js';

/** A daemon that runs. */
export interface Daemon {
  /** Where peers dial it. */
  readonly address: string;
  readonly lifecycle: Lifecycle;
  /** Settles when its place at the relay was taken by another process: this one is reached no more. */
  readonly lost: Promise<Error>;
  /** Closes all doors, after a drain. */
  close(): Promise<void>;
}

/**
 * Threads of a dealer that takes guests: clients of services wait for it while it starts one. Each takes some 25 MB.
 */
const READY_THREADS = 2;

/** How many control connections may be open at once: each takes part in one session at most, or waits to. */
const CONTROLS_PER_SESSION = 4;

/**
 * Starts a daemon.
 * @param organisation whose
 * @param role what it is in sessions
 * @param signal gives up while the relay does not answer
 * @returns the daemon, ready for proposals
 * @throws DaemonUsageError where nobody could reach it; the error of the operating system if it cannot listen;
 *   HandshakeError if the relay refuses
 */
export async function startDaemon(
  organisation: Organisation,
  role: 'party' | 'dealer',
  signal: AbortSignal,
): Promise<Daemon> {
  const { config, identity, audit, log, name, version } = organisation;
  if (config.listen === undefined && config.relay === undefined)
    throw new DaemonUsageError(
      "nobody could reach this process: set 'listen' or 'relay' in config.yaml, or give --listen HOST:PORT or --relay wss://relay.host",
    );
  await audit.append({ event: 'started', process: role, fingerprint: identity.fingerprint, name, version });
  const lifecycle = new Lifecycle({ drainMs: config.drain });
  let controls = 0;
  const metrics = new DaemonMetrics({
    daemon: () => ({
      sessionsRunning: lifecycle.running,
      sessionsMost: config.limits.sessionsAtOnce,
      connections: controls,
    }),
    ready: () => lifecycle.state === 'ready',
  });
  let address: string | null = null;
  let policy: MemberPolicy | undefined;
  const most = config.limits.sessionsAtOnce * CONTROLS_PER_SESSION;
  const onControl = (channel: BoundChannel): void => {
    if (policy === undefined || controls >= most) {
      channel.destroy();
      return;
    }
    controls++;
    metrics.handshake();
    void serveControl(channel, policy).finally(() => {
      controls--;
    });
  };
  const settings = {
    ...socketSettings(config.limits.frame),
    ...config.listen,
    identity,
    maxUnauthenticated: config.limits.connections,
    onControl: (channel: Channel) => onControl(channel as BoundChannel), // the hub gives no others
  };
  const hub = config.listen === undefined ? hubWithoutListening(settings) : await listen(settings);
  let door: RelayDoor | undefined;
  let guests: GuestDoor | undefined;
  let operate: OperateServer | undefined;
  let threads: WarmThreads | undefined;
  const close = async (): Promise<void> => {
    // Links may come back through the doors until the sessions have said goodbye.
    await policy?.idle();
    door?.close();
    await hub.close();
    await threads?.close();
    await guests?.hub.close();
    await operate?.close();
    await audit.append({ event: 'stopped', process: role, reason: 'told to' });
  };
  try {
    if (config.operate !== undefined)
      operate = await startOperate({ ...config.operate, ready: () => lifecycle.state === 'ready', metrics });
    guests = await openGuestDoor(organisation);
    if (role === 'dealer' && guests !== undefined)
      threads = new WarmThreads({
        kernels: await organisation.kernels(),
        memoryBytes: config.limits.sessionMemory,
        deals: true,
        spares: READY_THREADS,
      });
    policy = new MemberPolicy({
      organisation,
      role,
      hub,
      guests,
      address: () => address,
      lifecycle,
      metrics,
      threads,
    });
    door = await openDoor(organisation, hub, signal);
    address = advertised(config, hub, door);
    if (address === null)
      throw new DaemonUsageError(
        "say how others reach this process: 'address' in config.yaml, or --address wss://host:port",
      );
  } catch (error) {
    await close();
    throw error;
  }
  lifecycle.ready();
  log.info(
    { op: 'ready', role, address, version, fingerprint: identity.fingerprint },
    `${name} waits for proposals at ${address}`,
  );
  const lost =
    door === undefined
      ? new Promise<Error>(() => {})
      : door.ended.then((error) => error ?? new Promise<Error>(() => {}));
  return { address, lifecycle, lost, close };
}

/** The place at the relay; whoever waits for it hears why. */
async function openDoor(
  { config, identity, log }: Organisation,
  hub: WebSocketHub,
  signal: AbortSignal,
): Promise<RelayDoor | undefined> {
  const { relay } = config;
  if (relay === undefined) return undefined;
  const onState = (state: RelayState): void => {
    const about = { op: 'relay', address: relay, state: state.state };
    if (state.state === 'listening') log.info(about, `reached through the relay ${relay}`);
    else if (state.state === 'waiting')
      log.warn(about, `waiting for the relay ${relay}: ${state.error.message}`);
    else if (state.state === 'replaced') log.error(about, state.error.message);
    else log.debug(about, `the relay ${relay}: ${state.state}`);
  };
  return listenAtRelay({ url: relay, identity, hub, signal, onState });
}
