/** Honest parties and a dealer in this thread, on real transports: results by rank, or the error of the first. */
import type { Transport } from '@tacit/comm';
import type { LiveSession, OperationStats, PlannedOperation } from '@tacit/mpc';
import type { Ring } from '@tacit/ring';
import { type EngineProgram, membersOf, newRing, runMembers, type SimulationOptions } from './endings.js';

export interface Outcome<T> {
  /** What the program returned, by party. */
  readonly results: T[];
  readonly sessions: readonly LiveSession[];
  /** Operations as they finished, by party. */
  readonly operations: readonly OperationStats[][];
  /** What the dealer sent. */
  readonly dealerBytes: number;
  /** Operations that were dealt for, in program order, by party. */
  readonly dealt: readonly PlannedOperation[][];
}

const rings: Ring[] = [];

/**
 * Kernels and memory of members, the same for all simulations of this thread.
 * @param count at least how many are wanted
 * @returns all that there are, by rank
 */
export async function sharedRings(count: number): Promise<readonly Ring[]> {
  while (rings.length < count) rings.push(await newRing());
  return rings;
}

/**
 * Runs `program` at every party.
 *
 * @param options Who takes part and what happens to their messages.
 * @param program What a party does.
 * @returns What the parties returned, and what was observed.
 * @throws The error of the first party that failed; its property `all` holds those of all parties by rank.
 * @example
 * const { results } = await simulate({ parties: 3 }, (session) => reveal(session, relu(session, x(session))));
 */
export const simulate = <T>(
  options: SimulationOptions,
  program: (session: LiveSession, transport: Transport) => Promise<T> | T,
): Promise<Outcome<T>> => simulateEngines(options, (engine, own) => program(engine.session, own));

/**
 * As `simulate`, for programs on engines.
 *
 * @param options Who takes part and what happens to their messages.
 * @param program What a party does; it gets the engine of a session.
 * @returns What the parties returned, and what was observed.
 * @throws As `simulate`.
 */
export async function simulateEngines<T>(
  options: SimulationOptions,
  program: EngineProgram<T>,
): Promise<Outcome<T>> {
  const run = await runMembers(options, await sharedRings(membersOf(options)), program);
  const parties = run.endings.slice(0, options.parties);
  const failed = parties.find((ending) => ending.error);
  if (failed?.error) throw Object.assign(failed.error, { all: parties.map((ending) => ending.error) });
  return {
    results: parties.map((ending) => ending.value as T),
    sessions: run.sessions,
    operations: run.operations,
    dealerBytes: run.dealerBytes,
    dealt: run.dealt,
  };
}
