/** A signal that fires at one party only, and ends what all parties do: they tell each other of theirs. */
import type { Engine } from '@tacit/mpc';

/**
 * Whether the signal of any party has fired: one round.
 * @param engine this party's side of the computation
 * @param signal this party's own
 * @returns the same at all parties
 */
export async function anyAborted(engine: Engine, { aborted }: AbortSignal): Promise<boolean> {
  const own = Uint8Array.of(aborted ? 1 : 0);
  const told = await Promise.all(
    Array.from({ length: engine.parties }, (_, rank) =>
      engine.announce(rank, rank === engine.rank ? own : undefined),
    ),
  );
  return told.some(([bit]) => bit === 1);
}
