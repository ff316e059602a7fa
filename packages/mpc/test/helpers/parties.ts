/** Simulations of protocols: the harness of all packages, and what is shared and revealed by most tests here. */
import type { Words } from '@tacit/ring';
import { type Outcome, type SimulationOptions, simulate } from '@tacit/testing';
import type { LiveSession, Session } from '../../src/index.js';
import { shareInput } from '../../src/protocols/input.js';
import { reveal } from '../../src/protocols/reveal.js';
import type { Share } from '../../src/runtime/share.js';

export { type Outcome, sharedRings } from '@tacit/testing';

export type RunOptions = Omit<SimulationOptions, 'parties'>;

export const runParties = <T>(
  parties: number,
  program: (session: LiveSession) => Promise<T> | T,
  options: RunOptions = {},
): Promise<Outcome<T>> => simulate({ ...options, parties }, program);

export const words = (values: readonly bigint[]): Words =>
  BigUint64Array.from(values, (v) => BigInt.asUintN(64, v));
export const signed = (w: Words): bigint[] => Array.from(w, (v) => BigInt.asIntN(64, v));

/** A vector of party `source`: no other has its values. */
export const input = (session: Session, values: readonly bigint[], source = 0, scale?: number): Share =>
  shareInput(session, source, [values.length], session.rank === source ? words(values) : undefined, scale);

/** The error of a run that must fail; those of all parties by rank are in `all`. */
export const failure = (
  run: Promise<unknown>,
): Promise<Error & { code?: string; all: (Error & { code: string })[] }> =>
  run.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );

/** Shares values of party `source`, applies f, reveals to all; the parties must agree. */
export async function compute(
  parties: number,
  inputs: readonly (readonly bigint[])[],
  f: (session: LiveSession, ...x: Share[]) => Share,
  options: RunOptions = {},
): Promise<{ values: bigint[]; outcome: Outcome<Words> }> {
  const outcome = await runParties(
    parties,
    async (session) => {
      const shares = inputs.map((values, i) => input(session, values, i % parties));
      return (await reveal(session, f(session, ...shares))) as Words;
    },
    options,
  );
  const [first, ...others] = outcome.results.map(signed);
  for (const other of others)
    if (other.some((v, i) => v !== first[i])) throw new Error('the parties revealed different values');
  return { values: first, outcome };
}
