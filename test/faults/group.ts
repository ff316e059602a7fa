/** Members of one computation in this thread, each with a hub of its own, and a bad network between any two of them. */
import { Communicator, type Transport } from '@tacit/comm';
import { resumable } from '@tacit/comm/resumable';
import { listen, type WebSocketHub, webSocketTransport } from '@tacit/comm/websocket';
import { type FaultProxy, faultProxy } from '@tacit/compliance';
import { additive, defaultConfig, liveDealer, openSession, serveDealer } from '@tacit/mpc';
import type { Ring } from '@tacit/ring';
import { Party } from '@tacit/tensor';
import { type Failure, newRing } from '@tacit/testing';
import { type Fabric, type LinkOptions, SOCKET } from './fabric.js';
import type { Pair, Schedule } from './schedule.js';

/** What is enough on a machine that is busy, where nothing but the network ends a link. */
const PATIENT_MS = 8000;
const GRACE_MS = 500;
const TIMEOUT_MS = 6000;

export type Program = (party: Party, transport: Transport) => Promise<number[]>;

/** How a member ended. */
export interface Ended {
  readonly value?: number[];
  readonly error?: Failure;
}

export interface Patience {
  /** Whether members that are lost are to be missed soon. */
  readonly short: boolean;
}

export class Group {
  readonly size: number;
  readonly names: readonly string[];
  readonly #schedule: Pick<Schedule, 'parties' | 'deaf' | 'resumable' | 'member'>;
  readonly #fabric: Fabric;
  readonly #short: boolean;
  readonly #hubs: (WebSocketHub | undefined)[] = [];
  readonly #proxies = new Map<string, FaultProxy>();
  readonly #alive = new Map<number, { readonly transport: Transport; readonly comm: Communicator }>();
  readonly #rings: Ring[];
  readonly #sessionId = crypto.randomUUID();

  private constructor(schedule: Schedule, fabric: Fabric, short: boolean, rings: Ring[]) {
    this.#schedule = schedule;
    this.#fabric = fabric;
    this.#short = short;
    this.#rings = rings;
    this.size = schedule.parties + 1;
    this.names = Array.from({ length: this.size }, (_, r) =>
      r < schedule.parties ? `party ${r}` : 'the dealer',
    );
  }

  /**
   * Opens hubs and networks.
   * @param schedule who takes part
   * @param short whether lost members are to be missed soon
   * @param rings memory of members, which grows to their number
   * @param chance what is random in the networks
   */
  static async open(schedule: Schedule, short: boolean, rings: Ring[], chance: () => number): Promise<Group> {
    const size = schedule.parties + 1;
    while (rings.length < size) rings.push(await newRing());
    const group = new Group(schedule, await schedule.fabric.make(size), short, rings);
    for (let rank = 0; rank < size; rank++)
      group.#hubs[rank] = rank === schedule.deaf ? undefined : await group.#listen(rank);
    for (let high = 1; high < size; high++)
      for (let low = 0; low < high; low++) {
        const listener = group.#hubs[low] ?? group.#hubs[high];
        group.#proxies.set(`${low}-${high}`, await faultProxy(listener?.port ?? 0, chance));
      }
    return group;
  }

  /** The network between two members. */
  network([low, high]: Pair): FaultProxy {
    return this.#proxies.get(`${low}-${high}`) as FaultProxy;
  }

  /** Starts a member and waits for its end, whatever that is. */
  async run(rank: number, program: Program, link = this.#fabric.link(rank)): Promise<Ended> {
    try {
      const transport = await webSocketTransport(this.#options(rank, link));
      const comm = new Communicator(transport, { timeoutMs: TIMEOUT_MS, names: this.names });
      this.#alive.set(rank, { transport, comm });
      try {
        const failed = new Promise<never>((_, reject) =>
          comm.onAbort((error) => setImmediate(reject, error)),
        );
        return { value: await Promise.race([this.#takePart(rank, comm, transport, program), failed]) };
      } catch (error) {
        comm.abort(error as Error);
        throw error;
      } finally {
        await comm.close();
      }
    } catch (error) {
      return { error: error as Failure };
    }
  }

  /** How far a member is that has not ended. */
  stateOf(rank: number): string {
    const comm = this.#alive.get(rank)?.comm;
    if (comm === undefined) return 'still connecting';
    return comm.failure === undefined ? 'still at work' : `leaving after ${comm.failure.message}`;
  }

  /** A member dies: nothing more comes from it, and nobody answers at its address. */
  async kill(rank: number): Promise<void> {
    const member = this.#alive.get(rank);
    member?.transport.destroy();
    member?.comm.abort(new Error('killed'));
    await this.#hubs[rank]?.close();
  }

  /** A dead member starts again, at its address. */
  async restart(rank: number, program: Program): Promise<Ended> {
    const { port } = this.#hubs[rank] ?? {};
    if (port !== undefined) this.#hubs[rank] = await this.#listen(rank, port);
    return this.run(rank, program);
  }

  /** Somebody else tries to be a member that is there. Resolves with the error. */
  async intrude(rank: number, as: 'duplicate' | 'impostor'): Promise<Failure | undefined> {
    const link = as === 'duplicate' ? this.#fabric.link(rank) : this.#fabric.impostor(rank);
    const options = this.#options(rank, link);
    const addresses = options.addresses.map((address, peer) => (peer === rank ? '' : address));
    try {
      const transport = await webSocketTransport({
        ...options,
        hub: undefined,
        addresses,
        connectTimeoutMs: 500,
      });
      transport.destroy();
      return undefined;
    } catch (error) {
      return error as Failure;
    }
  }

  impostorLink(rank: number): LinkOptions {
    return this.#fabric.impostor(rank);
  }

  async close(): Promise<void> {
    for (const proxy of this.#proxies.values()) proxy.close();
    await Promise.all(this.#hubs.map((hub) => hub?.close()));
  }

  #listen(rank: number, port = 0): Promise<WebSocketHub> {
    const { member } = this.#schedule;
    const impostor = member.kind === 'wrong key' && member.rank === rank;
    return listen({ ...this.#fabric.hub(rank, impostor), port, ...SOCKET, helloTimeoutMs: 2000 });
  }

  #options(rank: number, link: LinkOptions) {
    const addresses = this.#hubs.map((hub, peer) => {
      if (hub === undefined) return '';
      const network = this.network(peer < rank ? [peer, rank] : [rank, peer]);
      return peer === rank ? hub.address : hub.address.replace(/:\d+$/, `:${network.port}`);
    });
    const patience = {
      graceMs: this.#short ? GRACE_MS : PATIENT_MS,
      heartbeatMs: 60,
      silentMs: 300,
      deadAfterMs: this.#short ? 1200 : PATIENT_MS,
    };
    return {
      rank,
      size: this.size,
      addresses,
      hub: this.#hubs[rank],
      sessionId: this.#sessionId,
      connectTimeoutMs: this.#short ? 1500 : PATIENT_MS,
      handshakeTimeoutMs: 500,
      links: this.#schedule.resumable ? resumable(patience) : undefined,
      ...SOCKET,
      ...link,
    };
  }

  async #takePart(
    rank: number,
    comm: Communicator,
    transport: Transport,
    program: Program,
  ): Promise<number[]> {
    const { parties } = this.#schedule;
    const ring = this.#rings[rank];
    if (rank < parties) {
      const suite = additive({ randomness: liveDealer() });
      const engine = await openSession({ comm, ring, suite, config: defaultConfig });
      const result = await program(new Party(engine), transport);
      await engine.finish();
      return result;
    }
    const dealer = await serveDealer(comm, ring, parties, defaultConfig);
    const goodbyes = Array.from({ length: parties }, (_, party) =>
      comm.receive(party, 'goodbye', { timeoutMs: Number.POSITIVE_INFINITY }).catch((error: Failure) => {
        if (!('reason' in error && error.reason === 'goodbye')) throw error;
      }),
    );
    await Promise.all(goodbyes);
    dealer.stop();
    return [];
  }
}
