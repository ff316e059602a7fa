/** The same simulations for programs on tensors: they get a `Party`. */
import type { Transport } from '@tacit/comm';
import { AdditiveEngine } from '@tacit/mpc';
import { Party } from '@tacit/tensor';
import { type Ending, type SimulationOptions, endings as sessionEndings } from './endings.js';
import { type Outcome as SessionOutcome, simulate as simulateSessions } from './simulate.js';

export type { DealerProgram, Ending, Failure, SimulationOptions } from './endings.js';

/** A party on additive shares, whose session tests look into. */
export type TestParty = Party<AdditiveEngine>;

export interface Outcome<T> extends SessionOutcome<T> {
  readonly parties: readonly TestParty[];
}

/** What a party does; `transport` is its own, to break off. */
export type TensorProgram<T> = (party: TestParty, transport: Transport) => Promise<T> | T;

/**
 * Runs a tensor program at every party.
 *
 * @param options Who takes part and what happens to their messages.
 * @param program What a party does.
 * @returns What the parties returned, and what was observed.
 * @throws The error of the first party that failed; its property `all` holds those of all parties by rank.
 */
export async function simulate<T>(
  options: SimulationOptions,
  program: TensorProgram<T>,
): Promise<Outcome<T>> {
  const parties: TestParty[] = new Array(options.parties);
  const outcome = await simulateSessions(options, (session, transport) => {
    parties[session.rank] = new Party(new AdditiveEngine(session));
    return program(parties[session.rank], transport);
  });
  return { ...outcome, parties };
}

/** How every member of a tensor program ended, by rank, the dealer last. Never throws. */
export const endings = <T>(options: SimulationOptions, program: TensorProgram<T>): Promise<Ending<T>[]> =>
  sessionEndings(options, (session, transport) => program(new Party(new AdditiveEngine(session)), transport));
