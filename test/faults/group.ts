/** Members of one computation in this thread, each with a hub of its own or a place at a relay, and bad networks between. */
import { Communicator, type Transport } from '@tacit/comm';
import { type Relay, startRelay } from '@tacit/comm/relay';
import { resumable } from '@tacit/comm/resumable';
import { webSocketTransport } from '@tacit/comm/websocket';
import { type FaultProxy, faultProxy } from '@tacit/compliance';
import { additive, defaultConfig, liveDealer, openSession, serveDealer } from '@tacit/mpc';
import type { Ring } from '@tacit/ring';
import { Party } from '@tacit/tensor';
import { type Failure, newRing } from '@tacit/testing';
import { type Fabric, type LinkOptions, SOCKET } from './fabric.js';
import { HANDSHAKE_MS, openHub, openPlace, type Place, relayOptions } from './place.js';
import type { Pair, Schedule } from './schedule.js';

/** Longer than anything that is put right again takes. */
const PATIENT = { connectMs: 25_000, timeoutMs: 25_000, graceMs: 25_000, deadAfterMs: 25_000 };
/** Where members are lost, which are to be missed soon. On a slow network a message may take longer. */
const SHORT: typeof PATIENT = { connectMs: 3000, timeoutMs: 25_000, graceMs: 500, deadAfterMs: 5000 };
const INTRUDER_MS = 500;
/** How long a link tries to say goodbye. */
const CLOSING_MS = 5000;
/** How long a relay is away that is started again. */
const RELAY_AWAY_MS = 400;

export type Program = (party: Party, transport: Transport) => Promise<number[]>;

/** How a member ended. */
export interface Ended {
  readonly value?: number[];
  readonly error?: Failure;
}

export class Group {
  readonly size: number;
  readonly names: readonly string[];
  readonly #schedule: Schedule;
  readonly #fabric: Fabric;
  readonly #patience: typeof PATIENT;
  readonly #places: (Place | undefined)[] = [];
  readonly #networks = new Map<string, FaultProxy>();
  #relay: Relay | undefined;
  readonly #alive = new Map<number, { readonly transport: Transport; readonly comm: Communicator }>();
  readonly #rings: Ring[];
  readonly #sessionId = crypto.randomUUID();

  private constructor(schedule: Schedule, fabric: Fabric, short: boolean, rings: Ring[]) {
    this.#schedule = schedule;
    this.#fabric = fabric;
    this.#patience = short ? SHORT : PATIENT;
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
    const addNetwork = async (low: number, high: number, target: number): Promise<void> =>
      void group.#networks.set(`${low}-${high}`, await faultProxy(target, chance));
    const relay = schedule.fabric.relayed ? await startRelay(relayOptions) : undefined;
    group.#relay = relay;
    for (let rank = 0; rank < size; rank++) {
      if (relay) await addNetwork(rank, rank, relay.port);
      group.#places[rank] = rank === schedule.deaf ? undefined : await group.#open(rank);
    }
    for (let high = 1; high < size; high++)
      for (let low = 0; low < high; low++)
        await addNetwork(low, high, group.#places[group.#isListener(low, high) ? low : high]?.target ?? 0);
    return group;
  }

  /** The network between two members, or between one and the relay. */
  network([low, high]: Pair): FaultProxy {
    return this.#networks.get(`${low}-${high}`) as FaultProxy;
  }

  /** All networks. */
  get networks(): Iterable<FaultProxy> {
    return this.#networks.values();
  }

  /** Starts a member and waits for its end, whatever that is. */
  async run(rank: number, program: Program, link = this.#fabric.link(rank)): Promise<Ended> {
    try {
      const transport = await webSocketTransport(this.#options(rank, link));
      const comm = new Communicator(transport, {
        timeoutMs: this.#patience.timeoutMs,
        names: this.names,
      });
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

  /** How long members may take to end, by their clock: all that each may wait for, one after the other. */
  get limitMs(): number {
    const { connectMs, timeoutMs, graceMs, deadAfterMs } = this.#patience;
    return connectMs + timeoutMs + Math.max(graceMs, deadAfterMs) + HANDSHAKE_MS + CLOSING_MS;
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
    await this.#places[rank]?.close();
  }

  /** A dead member starts again, at its address. */
  async restart(rank: number, program: Program): Promise<Ended> {
    if (this.#places[rank] !== undefined) {
      const place = await this.#open(rank);
      this.#places[rank] = place;
      for (let peer = 0; peer < this.size; peer++)
        if (peer !== rank && this.#isListener(rank, peer)) this.#between(rank, peer)?.redirect(place.target);
    }
    return this.run(rank, program);
  }

  /**
   * The relay dies: all of its connections break, and nobody answers at its address.
   * @param restarted whether another one comes in its place, which knows nothing of what was before
   */
  async killRelay(restarted: boolean): Promise<void> {
    const relay = this.#relay as Relay;
    for (const network of this.networks) {
      network.refuse();
      network.cut('reset');
    }
    await relay.close();
    if (!restarted) return;
    await new Promise((resolve) => setTimeout(resolve, RELAY_AWAY_MS));
    this.#relay = await startRelay(relayOptions);
    for (const network of this.networks) {
      network.redirect(this.#relay.port);
      network.heal();
    }
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
        connectTimeoutMs: INTRUDER_MS,
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
    for (const network of this.networks) network.close();
    await Promise.all(this.#places.map((place) => place?.close()));
    await this.#relay?.close();
  }

  /** Where a member is reached: at its hub, or at a relay, by the way there. */
  #open(rank: number): Promise<Place> {
    const { member } = this.#schedule;
    const impostor = member.kind === 'wrong key' && member.rank === rank;
    const options = this.#fabric.hub(rank, impostor);
    if (this.#relay === undefined) return openHub(options);
    return openPlace(options, this.#relay.port, this.network([rank, rank]).port);
  }

  #between(rank: number, peer: number): FaultProxy | undefined {
    return this.#networks.get(`${Math.min(rank, peer)}-${Math.max(rank, peer)}`);
  }

  /** Whether it is this member that the other one dials. */
  #isListener(rank: number, peer: number): boolean {
    if (this.#places[rank] === undefined) return false;
    return this.#places[peer] === undefined || rank < peer;
  }

  #options(rank: number, link: LinkOptions) {
    const addresses = this.#places.map((place, peer) => {
      return place?.address(this.#between(peer, rank)?.port ?? place.target) ?? '';
    });
    const { connectMs, graceMs, deadAfterMs } = this.#patience;
    const patience = { graceMs, deadAfterMs, heartbeatMs: 60, silentMs: 300 };
    return {
      rank,
      size: this.size,
      addresses,
      hub: this.#places[rank]?.hub,
      sessionId: this.#sessionId,
      connectTimeoutMs: connectMs,
      handshakeTimeoutMs: HANDSHAKE_MS,
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
