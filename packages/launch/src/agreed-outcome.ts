/**
 * Steps that may fail at one party only, such as opening its file: how they ended becomes known to all, so that every
 * party throws and none waits for what does not come. The others learn the code of the error and not its text, which may
 * quote what is in the file.
 */
import type { Party } from '@tacit/tensor';
import { PeerFileError } from './errors.js';

type Told<T> = { readonly value: T } | { readonly failed: string };

/**
 * What party `src` tells of its step: one round.
 * @param own the step at `src`; ignored elsewhere
 */
export async function outcomeOf<T>(party: Party, src: number, own: Promise<T> | undefined): Promise<T> {
  const told = await party.announce(own && settled(own), { src });
  await own; // throws what it threw
  return resultOf(told, src);
}

/** What every party tells of its step, by rank: one round. Throws this party's own error first. */
export async function everyOutcome<T>(party: Party, own: Promise<T>): Promise<T[]> {
  const mine = settled(own);
  const told = await Promise.all(
    Array.from({ length: party.worldSize }, (_, src) =>
      party.announce(party.rank === src ? mine : undefined, { src }),
    ),
  ).catch(async (error) => {
    await own; // another party may have ended the computation because of this one
    throw error;
  });
  await own;
  return told.map(resultOf);
}

const settled = <T>(own: Promise<T>): Promise<Told<T>> =>
  own.then(
    (value) => ({ value }),
    (error: unknown) => ({ failed: codeOf(error) }),
  );

function resultOf<T>(told: Told<T>, rank: number): T {
  if ('value' in told) return told.value;
  throw new PeerFileError(rank, told.failed);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
