/** One client of a service, from its first message to the end of its session. */
import type { Opening } from '@tacit/comm/layers';
import { type Channel, readMessage } from '@tacit/comm/layers';
import { noise } from '@tacit/comm/noise';
import { nodePrimitives } from '@tacit/comm/websocket';
import { type DaemonMetrics, failure, type Lifecycle, SessionCancelledError } from '@tacit/daemon';
import {
  type GuestDoor,
  type GuestSession,
  type Organisation,
  proposeGuestSession,
} from '@tacit/daemon/processes';
import type { ProtocolConfig } from '@tacit/mpc';
import type { RunAnswer, RunNotice } from '../program/serve-predictions.js';
import { fromHex } from '../shared/invite.js';
import { guestOf, readOfClient, SERVICE_VERSION, type ToClient } from '../shared/messages.js';
import type { DealerLine } from './dealer-line.js';
import { endOf, type InviteStore, type KeptInvite } from './invite-store.js';
import type { ServiceMetrics } from './metrics.js';
import type { ServedModel } from './served-model.js';
import type { CountedSession, UsageCounts } from './usage-counts.js';

export interface GuestsOptions {
  readonly organisation: Organisation;
  readonly models: ReadonlyMap<string, ServedModel>;
  readonly invites: InviteStore;
  readonly counts: UsageCounts;
  readonly dealer: DealerLine;
  readonly dealerName: string;
  readonly lifecycle: Lifecycle;
  readonly metrics: { readonly daemon: DaemonMetrics; readonly service: ServiceMetrics };
  /** How many sessions may run at once. */
  readonly sessions: number;
  readonly idleMs: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly protocol: ProtocolConfig;
}

/** How long a client may take to say what it wants. */
const OPEN_MS = 10_000;
/** How long the dealer may take to answer. */
const DEALER_MS = 15_000;

/** A refusal that the client hears. */
class Refused extends Error {
  constructor(
    readonly code: string,
    readonly reason: string,
  ) {
    super(reason);
  }
}

export class Guests {
  readonly #options: GuestsOptions;
  readonly #running = new Set<Promise<void>>();
  #guests: GuestDoor | undefined;
  #sessions = 0;

  /** @param options of the service */
  constructor(options: GuestsOptions) {
    this.#options = options;
  }

  /** Where guests come in, once that is known. */
  set door(door: GuestDoor) {
    this.#guests = door;
  }

  /** How many sessions run. */
  get sessions(): number {
    return this.#sessions;
  }

  /** Settles when no session runs any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** For the hub: whoever names an invite that is known may prove that it has it. */
  onGuest(
    opening: Opening,
  ): { layer: ReturnType<typeof noise>; onChannel(channel: Channel): void } | undefined {
    const guest = guestOf(opening.sessionId);
    const door = this.#guests;
    if (guest === undefined || door === undefined || opening.from !== 0 || opening.to !== 1) return undefined;
    let invite: KeptInvite | undefined;
    try {
      invite = this.#options.invites.find(guest.invite);
    } catch (error) {
      this.#options.organisation.log.error(
        { op: 'guest', error: failure(error) },
        'the invites cannot be read',
      );
    }
    if (invite === undefined) return undefined;
    const key = fromHex(guest.key);
    const found = invite;
    return {
      layer: noise({
        keys: { secretKey: door.secretKey, publicKeys: [key] },
        token: fromHex(found.secret),
        primitives: nodePrimitives,
      }),
      onChannel: (channel) => {
        const served = this.#serve(channel, found, key, door);
        this.#running.add(served);
        void served.finally(() => this.#running.delete(served));
      },
    };
  }

  /** Never rejects. */
  async #serve(channel: Channel, invite: KeptInvite, key: Uint8Array, door: GuestDoor): Promise<void> {
    const { organisation, metrics } = this.#options;
    const { log, audit } = organisation;
    const about = { op: 'guest', invite: invite.id, model: invite.model };
    try {
      await this.#session(channel, invite, key, door);
    } catch (error) {
      const { code, reason } =
        error instanceof Refused
          ? error
          : { code: 'INTERNAL', reason: 'an error of its own; its log says more' };
      metrics.service.refused(code);
      if (error instanceof Refused) log.warn({ ...about, code, reason }, `a client was refused: ${reason}`);
      else log.error({ ...about, error: failure(error) }, 'a client could not be served');
      await audit
        .append({ event: 'guest-refused', invite: invite.id, label: invite.label, model: invite.model, code })
        .catch(() => {});
      say(channel, { type: 'refuse', code, reason });
      channel.close(1000, 'goodbye');
    }
  }

  async #session(channel: Channel, invite: KeptInvite, key: Uint8Array, door: GuestDoor): Promise<void> {
    const { models, counts, lifecycle, sessions } = this.#options;
    const left = new AbortController();
    const { version } = readOfClient(await within(OPEN_MS, readMessage(channel), 'nothing was asked'));
    channel.listen({
      onMessage: () => left.abort(new Refused('BAD_REQUEST', 'it said too much')),
      onEnd: () => left.abort(new Refused('GONE', 'it hung up')),
    });
    if (version !== SERVICE_VERSION)
      throw new Refused(
        'WRONG_VERSION',
        `the service speaks version ${SERVICE_VERSION} and the client ${version}`,
      );
    const over = endOf(invite, Date.now());
    if (over) throw new Refused(over.code, over.reason);
    const model = models.get(invite.model);
    if (model === undefined)
      throw new Refused('MODEL_UNKNOWN', `the model ${invite.model} is not served any more`);
    if (this.#sessions >= sessions)
      throw new Refused('BUSY', 'as many clients are served as may be; try again');
    const end = lifecycle.begin();
    if (end === undefined) throw new Refused('DRAINING', 'the service is ending; try again later');
    this.#sessions++;
    let counted: CountedSession | undefined;
    let bytes = 0;
    try {
      const begun = await counts.begin(invite.id, invite.quota);
      if ('code' in begun)
        throw new Refused(begun.code === 'SESSIONS_AT_ONCE' ? 'BUSY' : begun.code, begun.reason);
      counted = begun;
      bytes = await this.#compute(channel, invite, key, door, model, counted, left.signal);
    } finally {
      this.#sessions--;
      end();
      await counted?.end(bytes).catch(() => {});
    }
  }

  async #compute(
    channel: Channel,
    invite: KeptInvite,
    key: Uint8Array,
    door: GuestDoor,
    model: ServedModel,
    counted: CountedSession,
    left: AbortSignal,
  ): Promise<number> {
    const { organisation, dealer, dealerName, lifecycle, metrics, idleMs, config, protocol } = this.#options;
    const { log, audit, name } = organisation;
    const thread = model.threads.take();
    let session: GuestSession;
    let tell: (answer: unknown) => void = () => {};
    let bytes = 0;
    // Who is gone before it has all its links will not compute.
    const gone = new AbortController();
    try {
      const reached = await within(DEALER_MS, dealer.take(left), 'it does not answer').catch((error) => {
        throw new Refused('DEALER_ABSENT', `the service does not reach its dealer: ${textOf(error)}`);
      });
      session = await proposeGuestSession({
        organisation,
        guests: door,
        dealer: reached,
        guestKey: key,
        program: `serve-${model.name}`,
        runs: model.program,
        config,
        protocol,
        timeoutMs: organisation.config.session.timeout,
        signal: AbortSignal.any([lifecycle.signal, gone.signal]),
        thread,
        tell: (send) => {
          tell = send;
        },
        onNotice: (data) => {
          const notice = data as RunNotice;
          if (notice?.type === 'run')
            void this.#question(notice.run, counted, model.name).then((answer) => tell(answer));
        },
        mayGoOn: async (total) => {
          bytes = total;
          return counted.traffic(total);
        },
        metrics: metrics.daemon,
      }).catch((error) => {
        const code = (error as { remoteCode?: string }).remoteCode;
        throw new Refused(
          code === 'BUSY' || code === 'SESSIONS_AT_ONCE' || code === 'TOO_MANY_PROPOSALS'
            ? 'BUSY'
            : 'DEALER_REFUSES',
          `the dealer does not take part: ${textOf(error)}`,
        );
      });
    } catch (error) {
      await thread.worker.terminate();
      throw error;
    }
    await audit.append({
      event: 'guest-admitted',
      invite: invite.id,
      label: invite.label,
      model: model.name,
      session: session.session,
    });
    say(channel, {
      type: 'session',
      session: session.session,
      token: session.token,
      service: name,
      dealer: dealerName,
      addresses: [null, session.addresses[1], session.addresses[2]],
      config: { ...config },
      limits: { ...session.limits, idleMs },
    });
    log.info(
      { op: 'guest', invite: invite.id, model: model.name, session: session.session },
      'a client has come',
    );
    // Once the session has links of its own, what the client does here does not matter any more.
    channel.listen({
      onMessage: () => {},
      onEnd: ({ reason }) => {
        // A goodbye says that the client has all its links.
        if (reason !== 'goodbye') gone.abort(new SessionCancelledError('the client'));
      },
    });
    const running = session.run();
    setTimeout(() => dealer.prepare(), PREPARE_MS).unref();
    const { traffic } = await running;
    channel.close(1000, 'goodbye');
    return Math.max(bytes, traffic.bytesSent + traffic.bytesReceived);
  }

  async #question(run: number, counted: CountedSession, model: string): Promise<RunAnswer> {
    const refusal = await counted.question().catch((error) => ({ code: 'INTERNAL', reason: textOf(error) }));
    if (refusal) return { run, granted: false, code: refusal.code, reason: refusal.reason };
    this.#options.metrics.service.question(model);
    return { run, granted: true };
  }
}

/** A client that has just come needs the processor more than the next one. */
const PREPARE_MS = 1000;

function say(channel: Channel, message: ToClient): void {
  channel.send(JSON.stringify(message));
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A timer and not a signal: in Node.js 20 one that is combined with others may never fire. */
async function within<T>(ms: number, promise: Promise<T>, otherwise: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Refused('TOO_SLOW', `${otherwise} within ${ms / 1000} s`)), ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
