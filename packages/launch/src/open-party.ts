/** A connected member as a party of a session: agrees with the others, and is ready for a program. */
import type { Communicator } from '@tacit/comm';
import {
  additive,
  type Engine,
  liveDealer,
  localDealer,
  type OperationStats,
  openSession,
  type RandomnessSource,
} from '@tacit/mpc';
import type { Ring } from '@tacit/ring';
import { LaunchedParty } from './launched-party.js';
import type { StartMessage } from './messages.js';
import type { PartyTapes } from './options.js';

/** The source that a party's tapes are. Loaded only where there are some. */
export async function ownTapes({ key, ...places }: PartyTapes): Promise<RandomnessSource> {
  const { readTapeKey, tapes } = await import('@tacit/tapes');
  return tapes({ ...places, keys: await readTapeKey(key) });
}

export async function openParty(
  comm: Communicator,
  ring: Ring,
  {
    dealer,
    config,
    twin,
    randomness = dealer === 'separate' ? liveDealer() : localDealer(),
  }: Pick<StartMessage, 'dealer' | 'config' | 'twin'> & {
    readonly randomness?: RandomnessSource | undefined;
  },
  notify: (data: unknown) => void,
): Promise<{ readonly party: LaunchedParty; readonly engine: Engine }> {
  let listener: ((stats: OperationStats) => void) | undefined;
  const engine = await openSession({
    comm,
    ring,
    suite: additive({ randomness }),
    config,
    onOperation: (stats) => listener?.(stats),
  });
  const party = new LaunchedParty(engine, notify, twin);
  listener = (stats) => party.onOperation?.(stats);
  return { party, engine };
}
