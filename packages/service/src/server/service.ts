/** A service: an organisation's own process, which answers questions about its models to whoever has an invite. */
import { join } from 'node:path';
import { DaemonMetrics, Lifecycle, type OperateServer, startOperate } from '@tacit/daemon';
import { callDealer, type GuestDoor, type Organisation, openGuestDoor } from '@tacit/daemon/processes';
import { writeAtomically } from '@tacit/files';
import { checkOptions } from '@tacit/launch/session';
import { ServiceUsageError } from '../errors.js';
import type { ModelValue } from '../program/offer.js';
import { encodeModelInvite, fromHex } from '../shared/invite.js';
import { DealerLine } from './dealer-line.js';
import { Guests } from './guests.js';
import { type InviteOptions, InviteStore } from './invite-store.js';
import { ServiceMetrics } from './metrics.js';
import { type ModelToServe, type ServedModel, serveModel } from './served-model.js';
import { UsageCounts } from './usage-counts.js';

export interface ServiceOptions {
  /** Whose process it is; its `guests` setting says where clients reach it. */
  readonly organisation: Organisation;
  readonly models: readonly ModelToServe[];
  /** The peer that deals, by its name in peers.yaml. */
  readonly dealer: string;
  /** How many clients are served at once. Default 16. */
  readonly sessions?: number;
  /** How many questions of one client may be under way at once. Default 4. */
  readonly atOnce?: number;
  /** After how long without a question a session ends, in ms. Default 10 minutes. */
  readonly idleMs?: number;
  /** Threads of each model that wait for clients. Default 2. */
  readonly spares?: number;
  /** Settings of the protocols that are not the default. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The dealer is this organisation's own, for trying out; invites say so. */
  readonly ownDealer?: boolean;
  /** Gives up starting. */
  readonly signal?: AbortSignal;
}

/** A service that runs. */
export interface Service {
  /** Where clients reach it. */
  readonly address: string;
  readonly models: readonly {
    readonly name: string;
    readonly inputs: readonly ModelValue[];
    readonly outputs: readonly ModelValue[];
  }[];
  readonly lifecycle: Lifecycle;
  /** Makes an invite to one of its models: `tacit:1:…`. A secret. */
  invite(options: InviteOptions): Promise<string>;
  /** How many clients are served. */
  readonly clients: number;
  /** Closes all doors, after a drain. */
  close(): Promise<void>;
}

/** What a running service tells `tacit service invite`, in its home; nothing secret. */
export interface ServiceFacts {
  readonly address: string;
  readonly serviceKey: string;
  readonly dealerKey: string;
  readonly ownDealer: boolean;
  readonly models: readonly string[];
}

/**
 * Starts a service.
 * @param options whose, which models, who deals
 * @returns the service, ready for clients
 * @throws ServiceUsageError, what reading the models throws, SessionRefusedError or the error of the connection where the
 *   dealer cannot be reached or takes no guests
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { organisation, dealer, sessions = 16, atOnce = 4, idleMs = 600_000, spares = 2 } = options;
  const { config: settings, home, audit, log, identity, name, version } = organisation;
  const signal = options.signal ?? new AbortController().signal;
  if (settings.guests === undefined)
    throw new ServiceUsageError(
      "say where clients reach this service: 'guests' in config.yaml, or --listen HOST:PORT",
    );
  if (options.models.length === 0) throw new ServiceUsageError('there is no model to serve');
  const peer = organisation.peers.get(dealer);
  if (peer?.role !== 'dealer')
    throw new ServiceUsageError(
      peer === undefined
        ? `there is no peer '${dealer}'; 'tacit join' adds one`
        : `${dealer} is no dealer to this organisation; 'role' in peers.yaml says what a peer may be`,
    );
  const protocol = checkOptions({ worldSize: 2, config: options.config ?? {} }).config;
  const kernels = await organisation.kernels();
  const models = new Map<string, ServedModel>();
  const lifecycle = new Lifecycle({ drainMs: settings.drain });
  let door: GuestDoor | undefined;
  let operate: OperateServer | undefined;
  let guests: Guests | undefined;
  let started = false;
  const line = new DealerLine(organisation, dealer);
  const close = async (): Promise<void> => {
    await guests?.idle();
    await door?.hub.close();
    await line.close();
    for (const { threads } of models.values()) await threads.close();
    await operate?.close();
    if (started) await audit.append({ event: 'stopped', process: 'serve', reason: 'told to' });
  };
  try {
    for (const model of options.models) {
      if (models.has(model.name)) throw new ServiceUsageError(`two models are called ${model.name}`);
      const memoryBytes = settings.limits.sessionMemory;
      models.set(model.name, await serveModel(model, { atOnce, idleMs, spares, kernels, memoryBytes }));
    }
    const reached = await callDealer(organisation, dealer, signal);
    const dealerDoor = reached.guests;
    reached.connection.close();
    if (dealerDoor === undefined) throw new ServiceUsageError(`${dealer} takes no guests`);
    await audit.append({
      event: 'started',
      process: 'serve',
      fingerprint: identity.fingerprint,
      name,
      version,
    });
    started = true;
    const metrics = new DaemonMetrics({
      daemon: () => ({
        sessionsRunning: lifecycle.running,
        sessionsMost: sessions,
        connections: guests?.sessions ?? 0,
      }),
      ready: () => lifecycle.state === 'ready',
    });
    const invites = new InviteStore(home);
    const serving = new Guests({
      organisation,
      models,
      invites,
      counts: new UsageCounts(home),
      dealer: line,
      dealerName: dealer,
      lifecycle,
      metrics: {
        daemon: metrics,
        service: new ServiceMetrics(metrics, [...models.keys()], () => serving.sessions),
      },
      sessions,
      idleMs,
      config: options.config ?? {},
      protocol,
    });
    guests = serving;
    door = await openGuestDoor(organisation, (opening) => serving.onGuest(opening));
    if (door === undefined) throw new ServiceUsageError('there is no port for clients');
    serving.door = door;
    if (settings.operate !== undefined)
      operate = await startOperate({
        ...settings.operate,
        ready: () => lifecycle.state === 'ready',
        metrics,
      });
    const facts: ServiceFacts = {
      address: door.door.address,
      serviceKey: door.door.key,
      dealerKey: dealerDoor.key,
      ownDealer: options.ownDealer ?? false,
      models: [...models.keys()],
    };
    writeAtomically(factsFile(home), new TextEncoder().encode(`${JSON.stringify(facts, undefined, 2)}\n`));
    line.prepare();
    lifecycle.ready();
    log.info(
      { op: 'ready', role: 'serve', address: facts.address, version },
      `${name} serves ${facts.models.join(', ')} at ${facts.address}`,
    );
    return {
      address: facts.address,
      models: [...models.values()].map(({ name: own, inputs, outputs }) => ({ name: own, inputs, outputs })),
      lifecycle,
      invite: (wanted) => issueInvite(invites, facts, wanted),
      get clients() {
        return serving.sessions;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where a home keeps the facts of its service. */
export const factsFile = (home: string): string => join(home, 'service.json');

/**
 * Makes an invite to a model of a service that runs, or has run.
 * @param invites of the home
 * @param facts of the service
 * @param options which model, for how long, for how much
 * @returns `tacit:1:…`
 * @throws ServiceUsageError
 */
export async function issueInvite(
  invites: InviteStore,
  { address, serviceKey, dealerKey, ownDealer, models }: ServiceFacts,
  options: InviteOptions,
): Promise<string> {
  if (!models.includes(options.model))
    throw new ServiceUsageError(`no model '${options.model}' is served; there is ${models.join(', ')}`);
  const { secret, expires } = await invites.issue(options);
  return encodeModelInvite({
    model: options.model,
    address,
    serviceKey: fromHex(serviceKey),
    dealerKey: fromHex(dealerKey),
    secret: fromHex(secret),
    ...(expires !== undefined && { expires: new Date(expires) }),
    ownDealer,
  });
}
