/** Members in this thread, each with a program or a misbehaviour of its own, and how each of them ends. */
import { Communicator, DelayedTransport, type Transport } from '@tacit/comm';
import {
  type AdditiveEngine,
  additive,
  defaultConfig,
  type LiveSession,
  liveDealer,
  localDealer,
  type OperationStats,
  openSession,
  type PlannedOperation,
  type ProtocolConfig,
  recording,
  serveDealer,
} from '@tacit/mpc';
import { compileKernels, Ring, WordsPool } from '@tacit/ring';
import { connect, type TransportKind } from './transports.js';

/** Runs instead of the dealer; `transport` is its own, to break off. */
export type DealerProgram = (comm: Communicator, ring: Ring, transport: Transport) => Promise<unknown>;

/** What a party does; `transport` is its own, to break off. */
export type EngineProgram<T> = (engine: AdditiveEngine<LiveSession>, transport: Transport) => Promise<T> | T;

export interface SimulationOptions {
  readonly parties: number;
  /** Who deals: the member after the parties (the default) honestly or by a program of its own, or party 0. */
  readonly dealer?: 'separate' | 'first-party' | DealerProgram;
  /** Default: ports within this thread. */
  readonly transport?: TransportKind;
  /** Over the default settings; a function gives those of one member. */
  readonly config?: Partial<ProtocolConfig> | ((rank: number) => Partial<ProtocolConfig>);
  /** Seed of random delays, which differ for every entry; there are none without it. Entries of different keys overtake each other. */
  readonly delays?: number;
  /** Puts something else between a member and its transport. */
  readonly tamper?: (transport: Transport) => Transport;
  readonly timeoutMs?: number;
  /**
   * Whether the parties' pools poison the words that they give out, so that an operation that leaves one unwritten gives
   * a wrong result. Default true.
   */
  readonly poison?: boolean;
}

export type Failure = Error & { code?: string; rank?: number; remoteCode?: string };

/** How a member ended: with a value or an error. */
export interface Ending<T = unknown> {
  readonly value?: T;
  readonly error?: Failure;
  /** From the start. */
  readonly ms: number;
}

/** Everything about a run that a test may look at. */
export interface Run<T> {
  /** Of the parties by rank, and then of the dealer if there is one. */
  readonly endings: readonly Ending<T>[];
  /** Those that opened, by rank. */
  readonly sessions: readonly LiveSession[];
  /** Operations as they finished, by party. */
  readonly operations: readonly OperationStats[][];
  /** What the dealer sent. */
  readonly dealerBytes: number;
  /** Operations that were dealt for, in program order, by party. */
  readonly dealt: readonly PlannedOperation[][];
}

const compiled = compileKernels();
const JITTER_MS = 4;
/** A dealer has no end of its own; it is stopped after the parties and gets this long to say how it ended. */
const DEALER_ENDS_MS = 50;

/** Kernels and memory for one member. */
export const newRing = async (): Promise<Ring> => Ring.load({ module: await compiled });

/**
 * Runs `program` at every party of a computation of its own and tells how each member ended, without throwing.
 *
 * @param options Who takes part and what happens to their messages.
 * @param program What a party does. One that throws aborts the computation, as a launched party does.
 * @returns The endings of the parties by rank and of the dealer.
 */
export async function endings<T>(
  options: SimulationOptions,
  program: EngineProgram<T>,
): Promise<Ending<T>[]> {
  // Members that failed may leave work behind: nobody else gets their memory.
  const rings = await Promise.all(Array.from({ length: membersOf(options) }, newRing));
  return [...(await runMembers(options, rings, program)).endings];
}

/** The number of members, with the dealer. */
export const membersOf = ({ parties, dealer }: SimulationOptions): number =>
  dealer === 'first-party' ? parties : parties + 1;

/** As `endings`, on given memory and with all that was observed. */
export async function runMembers<T>(
  options: SimulationOptions,
  rings: readonly Ring[],
  program: EngineProgram<T>,
): Promise<Run<T>> {
  const { parties, dealer = 'separate', tamper = (own) => own, timeoutMs = 20_000, poison = true } = options;
  const configOf = (rank: number): ProtocolConfig => ({
    ...defaultConfig,
    ...(typeof options.config === 'function' ? options.config(rank) : options.config),
  });
  const size = membersOf(options);
  const names = Array.from({ length: size }, (_, rank) => (rank < parties ? `party ${rank}` : 'the dealer'));
  const { transports, close } = await connect(options.transport ?? 'threads', size);
  const links = transports.map((transport) => tamper(delayed(transport, options.delays)));
  const comms = links.map((link) => new Communicator(link, { timeoutMs, names }));
  const sessions: LiveSession[] = new Array(parties);
  const operations: OperationStats[][] = Array.from({ length: parties }, () => []);
  const dealt: PlannedOperation[][] = Array.from({ length: parties }, () => []);
  let dealerBytes = 0;

  const party = async (rank: number): Promise<T> => {
    const comm = comms[rank];
    const engine = await openSession({
      comm,
      ring: rings[rank],
      suite: additive({
        randomness: recording(dealer === 'first-party' ? localDealer() : liveDealer(), (operation) =>
          dealt[rank].push(operation),
        ),
      }),
      config: configOf(rank),
      pool: new WordsPool({ ring: rings[rank], poison }),
      onOperation: (stats) => operations[rank].push(stats),
    });
    sessions[rank] = engine.session;
    try {
      const result = await program(engine, links[rank]);
      await engine.finish();
      return result;
    } catch (error) {
      comm.abort(error as Error);
      throw error;
    }
  };
  const deal = async (): Promise<undefined> => {
    const [comm, ring] = [comms[parties], rings[parties]];
    if (typeof dealer === 'function') {
      await dealer(comm, ring, links[parties]);
      return;
    }
    const engine = await serveDealer(comm, ring, parties, configOf(parties));
    try {
      await new Promise<void>((resolve, reject) => {
        comm.onAbort(reject);
        // After a failure the news of it is still on its way.
        partiesEnded.then((all) => all.every(({ error }) => error === undefined) && resolve());
      });
    } finally {
      engine.stop();
      dealerBytes = engine.stats.bytes;
    }
  };

  const began = performance.now();
  const ending = async (run: Promise<T> | Promise<undefined>): Promise<Ending<T>> => {
    try {
      return { value: await run, ms: performance.now() - began };
    } catch (error) {
      return { error: error as Failure, ms: performance.now() - began };
    }
  };
  const partiesEnded = Promise.all(Array.from({ length: parties }, (_, rank) => ending(party(rank))));
  const dealerEnding = size > parties ? ending(deal()) : undefined;
  const ended = await partiesEnded;
  if (dealerEnding) ended.push(await withinMs(dealerEnding, DEALER_ENDS_MS, began));
  await Promise.all(comms.map((comm) => comm.close()));
  await close();
  return { endings: ended, sessions, operations, dealerBytes, dealt };
}

const delayed = (transport: Transport, seed: number | undefined): Transport =>
  seed === undefined
    ? transport
    : new DelayedTransport(transport, { jitterMs: JITTER_MS, reorder: true, seed });

async function withinMs<T>(ending: Promise<Ending<T>>, ms: number, began: number): Promise<Ending<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Ending<T>>((resolve) => {
    timer = setTimeout(() => resolve({ ms: performance.now() - began }), ms);
  });
  const first = await Promise.race([ending, late]);
  clearTimeout(timer);
  return first;
}
