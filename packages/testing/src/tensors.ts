/** The same simulations for programs on tensors: they get a `Party`. */
import type { Transport } from '@tacit/comm';
import type { LiveSession } from '@tacit/mpc';
import { Party } from '@tacit/tensor';
import { type Ending, endings as engineEndings, type SimulationOptions } from './endings.js';
import { type Outcome as SessionOutcome, simulateEngines } from './simulate.js';

export type { DealerProgram, Ending, Failure, SimulationOptions } from './endings.js';

export interface Outcome<T> extends SessionOutcome<T> {
  readonly parties: readonly Party[];
}

/** What a party does; `transport` is its own, to break off, and `session` what its tensors are computed in. */
export type TensorProgram<T> = (party: Party, transport: Transport, session: LiveSession) => Promise<T> | T;

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
  const parties: Party[] = new Array(options.parties);
  const outcome = await simulateEngines(options, (engine, transport) => {
    parties[engine.rank] = new Party(engine);
    return program(parties[engine.rank], transport, engine.session);
  });
  return { ...outcome, parties };
}

/**
 * As `endings`, for programs on tensors.
 *
 * @param options Who takes part and what happens to their messages.
 * @param program What a party does.
 * @returns How every member ended, by rank, the dealer last.
 */
export const endings = <T>(options: SimulationOptions, program: TensorProgram<T>): Promise<Ending<T>[]> =>
  engineEndings(options, (engine, own) => program(new Party(engine), own, engine.session));
