/** A connected member as a party of a session: agrees with the others, and is ready for a program. */
import type { Communicator } from '@tacit/comm';
import { defaultConfig, type OperationStats, Session } from '@tacit/mpc';
import type { Ring } from '@tacit/ring';
import { LaunchedParty } from './launched-party.js';
import type { StartMessage } from './messages.js';

export async function openParty(
  comm: Communicator,
  ring: Ring,
  { parties, dealer, config }: Pick<StartMessage, 'parties' | 'dealer' | 'config'>,
  notify: (data: unknown) => void,
): Promise<{ readonly party: LaunchedParty; readonly session: Session }> {
  let listener: ((stats: OperationStats) => void) | undefined;
  const session = await Session.open({
    comm,
    ring,
    parties,
    dealer,
    config: { ...defaultConfig, ...config },
    onOperation: (stats) => listener?.(stats),
  });
  const party = new LaunchedParty(session, notify);
  listener = (stats) => party.onOperation?.(stats);
  return { party, session };
}
